using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Ear.Local.Kms.Data;

namespace Ear.Local.Kms.Google.Accounts;

/// <summary>Service accounts with the public halves of their keys.</summary>
internal sealed class ServiceAccounts
{
    private const string Kind = "google-account";

    private readonly Lock writing = new();
    private readonly KmsDocuments documents;
    private readonly ConcurrentDictionary<string, ServiceAccount> byEmail;

    public ServiceAccounts(KmsDocuments documents)
    {
        this.documents = documents;
        byEmail = new(documents.All(Kind).Select(body => JsonSerializer.Deserialize<ServiceAccount>(body)!).ToDictionary(a => a.Email));
    }

    public ServiceAccount? Find(string email) => byEmail.GetValueOrDefault(email);

    public ServiceAccount Create(string accountId, string project)
    {
        var account = new ServiceAccount(
            $"{accountId}@{project}.iam.gserviceaccount.com", "1" + RandomNumberGenerator.GetString("0123456789", 20), project, Disabled: false, []);
        lock (writing)
            Save(account);
        return account;
    }

    /// <summary>A new key; what is returned is the only copy of its private half.</summary>
    public ServiceAccountKeyFile AddKey(string email, string tokenUri)
    {
        using var rsa = RSA.Create(2048);
        var key = new ServiceAccountKey(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20)), rsa.ExportSubjectPublicKeyInfo());
        var account = Change(email, a => a with { Keys = [.. a.Keys, key] });
        return new ServiceAccountKeyFile
        {
            ProjectId = account.ProjectId,
            PrivateKeyId = key.Id,
            PrivateKey = rsa.ExportPkcs8PrivateKeyPem() + "\n",
            ClientEmail = email,
            ClientId = account.UniqueId,
            TokenUri = tokenUri,
        };
    }

    public void RemoveKey(string email, string keyId) => Change(email, a => a with { Keys = [.. a.Keys.Where(k => k.Id != keyId)] });

    public void SetDisabled(string email, bool disabled) => Change(email, a => a with { Disabled = disabled });

    public void Delete(string email)
    {
        lock (writing)
        {
            documents.Delete(Kind, email);
            byEmail.TryRemove(email, out _);
        }
    }

    private ServiceAccount Change(string email, Func<ServiceAccount, ServiceAccount> change)
    {
        lock (writing)
        {
            var changed = change(Find(email) ?? throw new ArgumentException($"There is no service account {email}.", nameof(email)));
            Save(changed);
            return changed;
        }
    }

    private void Save(ServiceAccount account)
    {
        documents.Put(Kind, account.Email, JsonSerializer.Serialize(account));
        byEmail[account.Email] = account;
    }
}
