using System.Collections.Immutable;
using Ear.Alerts;
using Ear.Projects;

namespace Ear.Tests.Fakes;

internal sealed partial class InMemoryStore
{
    private CredentialsOf<ApiKey>? _keys;
    private CredentialsOf<ServiceAccount>? _accounts;

    public IProjectCredentials<ApiKey> ApiKeys => Keys;

    public IProjectCredentials<ServiceAccount> ServiceAccounts => Accounts;

    private CredentialsOf<ApiKey> Keys => _keys ??= new(this, "key/");

    private CredentialsOf<ServiceAccount> Accounts => _accounts ??= new(this, "account/");

    public async Task<ApiKey?> FindApiKeyAsync(string publicKey, CancellationToken cancellation) => (await Keys.FindAsync(publicKey, cancellation))?.Document;

    public async Task<ServiceAccount?> FindServiceAccountAsync(string clientId, CancellationToken cancellation) => (await Accounts.FindAsync(clientId, cancellation))?.Document;

    public Task SaveAsync(ApiKey key, CancellationToken cancellation) => Keys.Overwrite(key);

    public Task SaveAsync(ServiceAccount account, CancellationToken cancellation) => Accounts.Overwrite(account);

    public Task GrantAsync(string publicPart, ProjectId project, ImmutableArray<string> roles, CancellationToken cancellation)
    {
        if (!Keys.Change(k => k.PublicKey == publicPart, held => held.SetItem(project, roles)))
            Accounts.Change(a => a.ClientId == publicPart, held => held.SetItem(project, roles));
        return Task.CompletedTask;
    }

    public Task ForgetAsync(ProjectId project, CancellationToken cancellation)
    {
        Keys.Change(k => k.ProjectRoles.ContainsKey(project), held => held.Remove(project));
        Accounts.Change(a => a.ProjectRoles.ContainsKey(project), held => held.Remove(project));
        return Task.CompletedTask;
    }

    private sealed class CredentialsOf<T>(InMemoryStore store, string kind) : IProjectCredentials<T>
        where T : class, ICredential<T>
    {
        public Task<Stored<T>?> FindAsync(string publicPart, CancellationToken cancellation) => Task.FromResult(Find<T>(store._state.Credentials, kind + publicPart));

        public Task<IReadOnlyList<Stored<T>>> ListAsync(ProjectId project, CancellationToken cancellation)
            => Task.FromResult<IReadOnlyList<Stored<T>>>([.. Scan<T>(store._state.Credentials, kind).Where(c => c.Document.ProjectRoles.ContainsKey(project))]);

        public Task<SaveResult> SaveAsync(T credential, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
            => Task.FromResult(store.Save(s => s.Credentials, (s, rows) => s with { Credentials = rows }, Project(announce), kind + credential.PublicPart, credential, expectedVersion, announce));

        public Task<SaveResult> DeleteAsync(T credential, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
            => Task.FromResult(store.Delete(s => s.Credentials, (s, rows) => s with { Credentials = rows }, Project(announce), kind + credential.PublicPart, expectedVersion, announce));

        public Task Overwrite(T credential)
        {
            lock (store._gate)
                return SaveAsync(credential, Find<T>(store._state.Credentials, kind + credential.PublicPart)?.Version ?? 0, [], CancellationToken.None);
        }

        public bool Change(Func<T, bool> which, Func<ImmutableDictionary<ProjectId, ImmutableArray<string>>, ImmutableDictionary<ProjectId, ImmutableArray<string>>> change)
        {
            lock (store._gate)
            {
                var found = Scan<T>(store._state.Credentials, kind).Where(c => which(c.Document)).ToList();
                foreach (var (credential, _) in found)
                    Overwrite(credential.With(change(credential.ProjectRoles)));
                return found.Count > 0;
            }
        }

        private static ProjectId Project(IReadOnlyList<ProjectEvent> announce) => announce.Count > 0 ? announce[0].ProjectId : default;
    }
}
