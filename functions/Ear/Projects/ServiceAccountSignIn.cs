namespace Ear.Projects;

/// <summary>Whether a client is the service account that it says it is.</summary>
public sealed class ServiceAccountSignIn(ICredentials credentials, IProjectCredentials<ServiceAccount> store, TimeProvider time)
{
    /// <summary>How exactly the use of a secret is noted, so that not every token is a write.</summary>
    public static readonly TimeSpan UseNotedEvery = TimeSpan.FromHours(1);

    /// <summary>Compared against when there is no such account, so that an unknown one takes as long as a wrong secret.</summary>
    private static readonly ServiceAccount Nobody = new("", new string('0', 64), default, [], []);

    public async Task<ServiceAccount?> ProveAsync(string clientId, string secret, CancellationToken cancellation)
    {
        var account = await credentials.FindServiceAccountAsync(clientId, cancellation);
        var now = time.GetUtcNow();
        if (!(account ?? Nobody).IsProvenBy(ApiKeySecrets.SecretSha256(secret), now, out var used) || account is null)
            return null;
        if (used is not null && !(now - used.LastUsed < UseNotedEvery))
            await NoteAsync(clientId, used, now, cancellation);
        return account;
    }

    /// <summary>Somebody else's change comes first: the next use is noted.</summary>
    private async Task NoteAsync(string clientId, AccountSecret used, DateTimeOffset now, CancellationToken cancellation)
    {
        if (await store.FindAsync(clientId, cancellation) is { } stored && stored.Document.Secrets.Contains(used))
            await store.SaveAsync(stored.Document with { Secrets = stored.Document.Secrets.Replace(used, used with { LastUsed = now }) }, stored.Version, [], cancellation);
    }
}
