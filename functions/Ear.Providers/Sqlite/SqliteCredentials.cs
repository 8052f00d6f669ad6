using System.Collections.Immutable;
using System.Text.Json;
using Ear.Alerts;
using Ear.Projects;

namespace Ear.Providers.Sqlite;

internal sealed class SqliteCredentials(StoreFile file) : ICredentials
{
    private readonly Kind<ApiKey> _keys = new(file, "key");
    private readonly Kind<ServiceAccount> _accounts = new(file, "account");

    /// <summary>What a credential may do in which project, as it is to become.</summary>
    private delegate ImmutableDictionary<ProjectId, ImmutableArray<string>> RoleChange(ImmutableDictionary<ProjectId, ImmutableArray<string>> roles);

    public IProjectCredentials<ApiKey> Keys => _keys;

    public IProjectCredentials<ServiceAccount> Accounts => _accounts;

    public async Task<ApiKey?> FindApiKeyAsync(string publicKey, CancellationToken cancellation) => (await _keys.FindAsync(publicKey, cancellation))?.Document;

    public async Task<ServiceAccount?> FindServiceAccountAsync(string clientId, CancellationToken cancellation) => (await _accounts.FindAsync(clientId, cancellation))?.Document;

    public Task SaveAsync(ApiKey key, CancellationToken cancellation) => _keys.SaveAsync(key, cancellation);

    public Task SaveAsync(ServiceAccount account, CancellationToken cancellation) => _accounts.SaveAsync(account, cancellation);

    public async Task GrantAsync(string publicPart, ProjectId project, ImmutableArray<string> roles, CancellationToken cancellation)
    {
        if (await _keys.ChangeRolesAsync("public_part = $1", publicPart, held => held.SetItem(project, roles), cancellation) == 0)
            await _accounts.ChangeRolesAsync("public_part = $1", publicPart, held => held.SetItem(project, roles), cancellation);
    }

    public async Task ForgetAsync(ProjectId project, CancellationToken cancellation)
    {
        await _keys.ChangeRolesAsync(Kind.InProject, project.Value, held => held.Remove(project), cancellation);
        await _accounts.ChangeRolesAsync(Kind.InProject, project.Value, held => held.Remove(project), cancellation);
    }

    private static class Kind
    {
        public const string InProject = "public_part IN (SELECT public_part FROM credential_project WHERE project = $1 AND kind = $0)";
    }

    /// <summary>Beside each document, credential_project holds the projects in which it has roles: what a listing asks for.</summary>
    private sealed class Kind<T>(StoreFile file, string name) : IProjectCredentials<T>
        where T : class, ICredential<T>
    {
        private readonly DocumentCache<Stored<T>> _cache = new(file.Options.CachedDocuments);

        public async Task<Stored<T>?> FindAsync(string publicPart, CancellationToken cancellation)
        {
            if (_cache.Find(publicPart) is { } cached)
                return cached;
            var mark = _cache.Mark();
            var found = await file.Readers.ReadAsync(c => c.First("SELECT document, version FROM credential WHERE kind = $0 AND public_part = $1", DocumentTable<T>.Read, name, publicPart), cancellation);
            if (found is not null)
                _cache.Keep(publicPart, found, mark);
            return found;
        }

        public async Task<IReadOnlyList<Stored<T>>> ListAsync(ProjectId project, CancellationToken cancellation)
            => await file.Readers.ReadAsync(
                c => c.All($"SELECT document, version FROM credential WHERE kind = $0 AND {Kind.InProject} ORDER BY public_part", DocumentTable<T>.Read, name, project.Value), cancellation);

        /// <summary>Whichever version is there.</summary>
        public Task SaveAsync(T credential, CancellationToken cancellation) => WriteAsync(
            credential, "INSERT INTO credential (kind, public_part, document, version) VALUES ($0, $1, $2, 1) ON CONFLICT DO UPDATE SET document = excluded.document, version = version + 1", 0, [], cancellation);

        public Task<SaveResult> SaveAsync(T credential, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation) => WriteAsync(
            credential,
            expectedVersion == 0
                ? "INSERT INTO credential (kind, public_part, document, version) VALUES ($0, $1, $2, $3 + 1) ON CONFLICT DO NOTHING"
                : "UPDATE credential SET document = $2, version = $3 + 1 WHERE kind = $0 AND public_part = $1 AND version = $3",
            expectedVersion, announce, cancellation);

        public Task<SaveResult> DeleteAsync(T credential, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
            => WriteAsync(credential.With([]), "DELETE FROM credential WHERE kind = $0 AND public_part = $1 AND version = $3", expectedVersion, announce, cancellation);

        /// <summary>Read and written in one turn of the writer, so that of two changes neither is lost.</summary>
        /// <returns>How many there were.</returns>
        public Task<int> ChangeRolesAsync(string which, string value, RoleChange roles, CancellationToken cancellation)
        {
            var changed = new List<string>();
            return file.Writer.WriteAsync(
                connection =>
                {
                    var found = connection.All($"SELECT document, version FROM credential WHERE kind = $0 AND {which}", DocumentTable<T>.Read, name, value);
                    foreach (var (document, _) in found)
                    {
                        var next = document.With(roles(document.ProjectRoles));
                        changed.Add(next.PublicPart);
                        connection.Execute("UPDATE credential SET document = $2, version = version + 1 WHERE kind = $0 AND public_part = $1", name, next.PublicPart, Bytes(next));
                        List(connection, next);
                    }
                    return found.Count;
                },
                cancellation, settled: () => changed.ForEach(_cache.Drop));
        }

        private Task<SaveResult> WriteAsync(T credential, string sql, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        {
            var bytes = Bytes(credential);
            var project = announce.Count > 0 ? announce[0].ProjectId : default;
            var events = EventLog.Prepare(project, announce);
            return file.Writer.WriteAsync(
                connection =>
                {
                    if (connection.Execute(sql, name, credential.PublicPart, bytes, expectedVersion) == 0)
                        return SaveResult.Conflict;
                    List(connection, credential);
                    file.Writer.Reached(SavePoint.BeforeEvents);
                    EventLog.Append(connection, project, events);
                    return SaveResult.As(expectedVersion + 1);
                },
                cancellation, settled: () => _cache.Drop(credential.PublicPart));
        }

        private void List(StoreConnection connection, T credential)
        {
            connection.Execute("DELETE FROM credential_project WHERE kind = $0 AND public_part = $1", name, credential.PublicPart);
            foreach (var project in credential.ProjectRoles.Keys)
                connection.Execute("INSERT INTO credential_project (project, kind, public_part) VALUES ($0, $1, $2)", project.Value, name, credential.PublicPart);
        }

        private static byte[] Bytes(T credential) => JsonSerializer.SerializeToUtf8Bytes(credential, EarJson.Options);
    }
}
