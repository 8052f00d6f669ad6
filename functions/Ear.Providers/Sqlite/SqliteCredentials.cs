using System.Text.Json;
using Ear.Projects;

namespace Ear.Providers.Sqlite;

internal sealed class SqliteCredentials(StoreFile file) : ICredentials
{
    private readonly Kind<ApiKey> _keys = new(file, "key");
    private readonly Kind<ServiceAccount> _accounts = new(file, "account");

    public Task<ApiKey?> FindApiKeyAsync(string publicKey, CancellationToken cancellation) => _keys.FindAsync(publicKey, cancellation).AsTask();

    public Task<ServiceAccount?> FindServiceAccountAsync(string clientId, CancellationToken cancellation) => _accounts.FindAsync(clientId, cancellation).AsTask();

    public Task SaveAsync(ApiKey key, CancellationToken cancellation) => _keys.SaveAsync(key.PublicKey, key, cancellation);

    public Task SaveAsync(ServiceAccount account, CancellationToken cancellation) => _accounts.SaveAsync(account.ClientId, account, cancellation);

    private sealed class Kind<T>(StoreFile file, string name)
        where T : class
    {
        private readonly DocumentCache<T> _cache = new(file.Options.CachedDocuments);

        public async ValueTask<T?> FindAsync(string publicPart, CancellationToken cancellation)
        {
            if (_cache.Find(publicPart) is { } cached)
                return cached;
            var mark = _cache.Mark();
            var found = await file.Readers.ReadAsync(c => c.First(
                "SELECT document FROM credential WHERE kind = $0 AND public_part = $1",
                r => JsonSerializer.Deserialize<T>(r.GetFieldValue<byte[]>(0), EarJson.Options), name, publicPart), cancellation);
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
    }
}
