using System.Collections.Concurrent;
using System.Text.Json;
using Ear.Local.Kms.Data;

namespace Ear.Local.Kms.Azure.Entra;

/// <summary>Applications that the tenant knows; in memory for reading, on the disk before a change is seen.</summary>
internal sealed class Applications
{
    private const string Kind = "azure-application";
    private static readonly DateTimeOffset Never = DateTimeOffset.MaxValue;

    private readonly Lock writing = new();
    private readonly KmsDocuments documents;
    private readonly ConcurrentDictionary<string, Application> byClientId;

    public Applications(KmsDocuments documents, AzureCredentials credentials)
    {
        this.documents = documents;
        byClientId = new(documents.All(Kind).Select(body => JsonSerializer.Deserialize<Application>(body)!).ToDictionary(a => a.ClientId), StringComparer.OrdinalIgnoreCase);
        FromTheStart(credentials.Customer, "customer");
        FromTheStart(credentials.Ear, "ear");
    }

    public IReadOnlyList<Application> All() => [.. byClientId.Values.OrderBy(a => a.DisplayName, StringComparer.Ordinal)];

    public Application? Find(string clientId) => byClientId.GetValueOrDefault(clientId);

    /// <summary>One change at a time, e.g. <c>a => a with { Enabled = false }</c>.</summary>
    public Application Change(string clientId, Func<Application, Application> change)
    {
        lock (writing)
            return Save(change(Find(clientId) ?? throw new AzureRefusal(404, "Request_ResourceNotFound", $"Resource '{clientId}' does not exist or one of its queried reference-property objects are not present.")));
    }

    /// <summary>From <paramref name="expires"/> on none of the application's secrets is taken.</summary>
    public Application ExpireSecrets(string clientId, DateTimeOffset expires) =>
        Change(clientId, a => a with { Secrets = [.. a.Secrets.Select(s => s with { Expires = expires })] });

    private void FromTheStart(ApplicationSecret secret, string name)
    {
        if (Find(secret.ClientId) is null)
            Save(new Application(secret.ClientId, AzureNames.NewGuid().ToString(), name) { Secrets = [ClientSecret.Of(secret.Secret, Never)] });
    }

    private Application Save(Application application)
    {
        documents.Put(Kind, application.ClientId, JsonSerializer.Serialize(application));
        byClientId[application.ClientId] = application;
        return application;
    }
}
