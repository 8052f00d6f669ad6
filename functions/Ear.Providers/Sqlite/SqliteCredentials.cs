using System.Collections.Immutable;
using System.Text.Json;
using Ear.Projects;

namespace Ear.Providers.Sqlite;

internal sealed class SqliteCredentials(StoreFile file) : ICredentials
{
    private readonly Kind<ApiKey> _keys = new(file, "key", (key, roles) => key with { ProjectRoles = roles(key.ProjectRoles) });
    private readonly Kind<ServiceAccount> _accounts = new(file, "account", (account, roles) => account with { ProjectRoles = roles(account.ProjectRoles) });

    /// <summary>What a credential may do in which project, as it is to become.</summary>
    private delegate ImmutableDictionary<ProjectId, ImmutableArray<string>> RoleChange(ImmutableDictionary<ProjectId, ImmutableArray<string>> roles);

    public Task<ApiKey?> FindApiKeyAsync(string publicKey, CancellationToken cancellation) => _keys.FindAsync(publicKey, cancellation).AsTask();

    public Task<ServiceAccount?> FindServiceAccountAsync(string clientId, CancellationToken cancellation) => _accounts.FindAsync(clientId, cancellation).AsTask();

    public Task SaveAsync(ApiKey key, CancellationToken cancellation) => _keys.SaveAsync(key.PublicKey, key, cancellation);

    public Task SaveAsync(ServiceAccount account, CancellationToken cancellation) => _accounts.SaveAsync(account.ClientId, account, cancellation);

    public async Task GrantAsync(string publicPart, ProjectId project, ImmutableArray<string> roles, CancellationToken cancellation)
    {
        if (await _keys.ChangeRolesAsync("public_part = $1", publicPart, held => held.SetItem(project, roles), cancellation) == 0)
            await _accounts.ChangeRolesAsync("public_part = $1", publicPart, held => held.SetItem(project, roles), cancellation);
    }

    public async Task ForgetAsync(ProjectId project, CancellationToken cancellation)
    {
        // An id stands in a document only as itself: 24 hexadecimal characters need no parsing to be found.
        await _keys.ChangeRolesAsync("instr(CAST(document AS TEXT), $1) > 0", project.Value, held => held.Remove(project), cancellation);
        await _accounts.ChangeRolesAsync("instr(CAST(document AS TEXT), $1) > 0", project.Value, held => held.Remove(project), cancellation);
    }

    private sealed class Kind<T>(StoreFile file, string name, Func<T, RoleChange, T> change)
        where T : class
    {
        private readonly DocumentCache<T> _cache = new(file.Options.CachedDocuments);

        public async ValueTask<T?> FindAsync(string publicPart, CancellationToken cancellation)
        {
            if (_cache.Find(publicPart) is { } cached)
                return cached;
            var mark = _cache.Mark();
            var found = await file.Readers.ReadAsync(c => c.First(
                "SELECT document FROM credential WHERE kind = $0 AND public_part = $1", r => Parsed(r.GetFieldValue<byte[]>(0)), name, publicPart), cancellation);
            if (found is not null)
                _cache.Keep(publicPart, found, mark);
            return found;
        }

        public Task SaveAsync(string publicPart, T credential, CancellationToken cancellation)
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(credential, EarJson.Options);
            return file.Writer.WriteAsync(
                c => c.Execute("INSERT INTO credential (kind, public_part, document) VALUES ($0, $1, $2) ON CONFLICT DO UPDATE SET document = excluded.document", name, publicPart, bytes),
                cancellation, settled: () => _cache.Drop(publicPart));
        }

        /// <summary>Read and written in one turn of the writer, so that of two changes neither is lost.</summary>
        /// <returns>How many there were.</returns>
        public Task<int> ChangeRolesAsync(string which, string value, RoleChange roles, CancellationToken cancellation)
        {
            var changed = new List<string>();
            return file.Writer.WriteAsync(
                connection =>
                {
                    var found = connection.All($"SELECT public_part, document FROM credential WHERE kind = $0 AND {which}", r => (Part: r.GetString(0), Document: Parsed(r.GetFieldValue<byte[]>(1))!), name, value);
                    foreach (var (part, document) in found)
                    {
                        changed.Add(part);
                        connection.Execute("UPDATE credential SET document = $2 WHERE kind = $0 AND public_part = $1", name, part, JsonSerializer.SerializeToUtf8Bytes(change(document, roles), EarJson.Options));
                    }
                    return found.Count;
                },
                cancellation, settled: () => changed.ForEach(_cache.Drop));
        }

        private static T? Parsed(byte[] document) => JsonSerializer.Deserialize<T>(document, EarJson.Options);
    }
}
