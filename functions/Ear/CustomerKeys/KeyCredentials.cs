using System.Security.Cryptography;
using Ear.Projects;
using Ear.Secrets;

namespace Ear.CustomerKeys;

/// <summary>
/// The credentials of configurations, in <see cref="ISecrets"/>. A credential that is sent gets a name of its own before anything is
/// asked of the KMS, so the one in force stays until the new one is proven and saved.
/// </summary>
public sealed class KeyCredentials(ISecrets secrets, IIds ids, KeyAddresses addresses)
{
    /// <summary>Keeps what a PATCH brings. Disposed without <see cref="KeptCredentials.Settle"/>, it is forgotten again.</summary>
    public async Task<KeptCredentials> KeepAsync(ProjectId project, EncryptionAtRestPatch patch, CancellationToken cancellation)
    {
        var names = new Dictionary<KeyProvider, string>();
        var kept = new KeptCredentials(secrets, names, addresses);
        foreach (var named in patch.Named)
        {
            names[named.Provider] = $"customer-keys/{project}/{ids.NewHex()}";
            if (named.Secret is { } secret)
                await kept.PutAsync(names[named.Provider], secret, cancellation);
        }
        return kept;
    }
}

/// <summary>
/// If we die between the write of a credential and the save of the project, one that nothing names stays in the store, encrypted as all
/// are: harmless, and better than a project that names one that does not exist.
/// </summary>
public sealed class KeptCredentials(ISecrets secrets, IReadOnlyDictionary<KeyProvider, string> names, KeyAddresses addresses) : IAsyncDisposable
{
    private readonly HashSet<string> unsettled = [];

    public KeyPatchTerms TermsOf(KeyProvider provider) => new(names[provider], addresses);

    public async Task PutAsync(string name, SecretText secret, CancellationToken cancellation)
    {
        var bytes = secret.ToUtf8();
        try
        {
            unsettled.Add(name);
            await secrets.PutAsync(name, bytes, cancellation);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>The project is saved: what it no longer names is forgotten, what it names stays.</summary>
    public void Settle(EncryptionAtRest before, EncryptionAtRest after)
    {
        foreach (var provider in Enum.GetValues<KeyProvider>())
        {
            if (after.SettingsOf(provider)?.UsedSecret is { } used)
                unsettled.Remove(used);
            if (before.SettingsOf(provider)?.UsedSecret is { } old && old != after.SettingsOf(provider)?.UsedSecret)
                unsettled.Add(old);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var name in unsettled)
            await secrets.DeleteAsync(name, CancellationToken.None);
    }
}
