using System.Collections.Immutable;
using Ear.Alerts;
using Ear.Projects;

namespace Ear.Providers.AzureTables;

internal sealed class TableCredentials(TableParts parts, HandOff handOff, TimeProvider time) : ICredentials
{
    private const string Key = "key";
    private const string Account = "account";

    /// <summary>Partitions of API keys begin so.</summary>
    public const string KeyPartitions = $"{Key}:";

    /// <summary>Partitions of service accounts begin so.</summary>
    public const string AccountPartitions = $"{Account}:";

    private readonly TableCredentialKind<ApiKey> _keys = new(parts, handOff, time, Key);
    private readonly TableCredentialKind<ServiceAccount> _accounts = new(parts, handOff, time, Account);

    public IProjectCredentials<ApiKey> Keys => _keys;

    public IProjectCredentials<ServiceAccount> Accounts => _accounts;

    public static DocumentKind<ApiKey> KindOfKeys { get; } = TableCredentialKind<ApiKey>.KindOf(Key);

    public static DocumentKind<ServiceAccount> KindOfAccounts { get; } = TableCredentialKind<ServiceAccount>.KindOf(Account);

    public async Task<ApiKey?> FindApiKeyAsync(string publicKey, CancellationToken cancellation) => (await _keys.FindAsync(publicKey, cancellation))?.Document;

    public async Task<ServiceAccount?> FindServiceAccountAsync(string clientId, CancellationToken cancellation) => (await _accounts.FindAsync(clientId, cancellation))?.Document;

    public Task SaveAsync(ApiKey key, CancellationToken cancellation) => _keys.ChangeAsync(key.PublicKey, _ => key, cancellation);

    public Task SaveAsync(ServiceAccount account, CancellationToken cancellation) => _accounts.ChangeAsync(account.ClientId, _ => account, cancellation);

    public async Task GrantAsync(string publicPart, ProjectId project, ImmutableArray<string> roles, CancellationToken cancellation)
    {
        if (!await _keys.ChangeRolesAsync(publicPart, held => held.SetItem(project, roles), cancellation))
            await _accounts.ChangeRolesAsync(publicPart, held => held.SetItem(project, roles), cancellation);
    }

    public async Task ForgetAsync(ProjectId project, CancellationToken cancellation)
    {
        await _keys.ForgetAsync(project, cancellation);
        await _accounts.ForgetAsync(project, cancellation);
    }
}

/// <summary>Credentials of one kind, each in a partition of its own: it has roles in many projects. Found by its public part, and among those of each of its projects.</summary>
internal sealed class TableCredentialKind<T>(TableParts parts, HandOff handOff, TimeProvider time, string name) : IProjectCredentials<T>
    where T : class, ICredential<T>
{
    /// <summary>Others who change the same credential at the same time: each time one of us gets on.</summary>
    private const int MaxTries = 50;

    private readonly Documents<T> _documents = new(parts, KindOf(name));

    public static DocumentKind<T> KindOf(string name) => new()
    {
        Place = c => (Partition(name, c.PublicPart), RowKeys.Credential),
        Identity = c => c.PublicPart,
        Listings = c => [.. c.ProjectRoles.Keys.Select(p => new Listing(Shelves.Members(name, p.Value), RowKeys.Part(c.PublicPart), Partition(name, c.PublicPart), RowKeys.Credential))],
    };

    public Task<Stored<T>?> FindAsync(string publicPart, CancellationToken cancellation) => _documents.FindAsync(Partition(name, publicPart), RowKeys.Credential, cancellation);

    public async Task<IReadOnlyList<Stored<T>>> ListAsync(ProjectId project, CancellationToken cancellation)
    {
        var members = await parts.Store.ShelfAsync(Shelves.Members(name, project.Value), null, null, int.MaxValue, cancellation);
        return [.. (await _documents.FollowAsync(members, cancellation)).OrderBy(c => c.Document.PublicPart, StringComparer.Ordinal)];
    }

    public async Task<SaveResult> SaveAsync(T credential, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => await HandedOverAsync(credential, await _documents.SaveAsync(credential, expectedVersion, ProjectOf(announce), announce, cancellation), announce);

    public async Task<SaveResult> DeleteAsync(T credential, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => await HandedOverAsync(credential, await _documents.DeleteAsync(credential, expectedVersion, ProjectOf(announce), announce, cancellation), announce);

    public async Task ForgetAsync(ProjectId project, CancellationToken cancellation)
    {
        foreach (var member in await ListAsync(project, cancellation))
            await ChangeRolesAsync(member.Document.PublicPart, held => held.Remove(project), cancellation);
    }

    /// <returns>False: there is none.</returns>
    public Task<bool> ChangeRolesAsync(string publicPart, Func<ImmutableDictionary<ProjectId, ImmutableArray<string>>, ImmutableDictionary<ProjectId, ImmutableArray<string>>> roles, CancellationToken cancellation)
        => ChangeAsync(publicPart, there => there?.With(roles(there.ProjectRoles)), cancellation);

    /// <summary>Loads, changes and saves until nobody came between.</summary>
    /// <param name="change">Of what is there; null leaves it.</param>
    /// <returns>False: it was left.</returns>
    public async Task<bool> ChangeAsync(string publicPart, Func<T?, T?> change, CancellationToken cancellation)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var there = await FindAsync(publicPart, cancellation);
            if (change(there?.Document) is not { } changed)
                return false;
            if ((await SaveAsync(changed, there?.Version ?? 0, [], cancellation)).Saved)
                return true;
            await Task.Delay(TimeSpan.FromMilliseconds(parts.Ids.NextDouble() * 20 * (tries + 1)), time, cancellation);
        }
        throw new StoreException($"Too many change the credential '{publicPart}' at the same time. Try again.");
    }

    private static string Partition(string kind, string publicPart) => $"{kind}:{RowKeys.Part(publicPart)}";

    private static ProjectId ProjectOf(IReadOnlyList<ProjectEvent> announce) => announce.Count > 0 ? announce[0].ProjectId : default;

    // Saved is saved: an outage between the two transactions is no refusal. What waits is handed over before later events of this credential.
    private async Task<SaveResult> HandedOverAsync(T credential, SaveResult result, IReadOnlyList<ProjectEvent> announce)
    {
        if (!result.Saved || announce.Count == 0)
            return result;
        var partition = Partition(name, credential.PublicPart);
        try
        {
            await handOff.RunAsync(partition, CancellationToken.None);
        }
        catch (StoreException e)
        {
            parts.Logger.NotHandedOver(e, partition);
        }
        return result;
    }
}
