using System.Security.Cryptography;
using Ear.Providers.Secrets;

namespace Ear.Providers.Sqlite;

internal sealed class SqliteSecretBoxes(StoreFile file) : ISecretBoxes
{
    private const string Find = "SELECT ciphertext FROM secret WHERE name = $0";

    public async Task<SecretBox?> FindAsync(string name, CancellationToken cancellation)
        => await file.Readers.ReadAsync(c => c.First(Find, r => r.GetFieldValue<byte[]>(0), name), cancellation) is { } box
            ? new SecretBox(box, VersionOf(box))
            : null;

    public Task<byte[]> GetOrAddAsync(string name, byte[] box, CancellationToken cancellation) => file.Writer.WriteAsync(c =>
    {
        c.Execute("INSERT INTO secret (name, ciphertext) VALUES ($0, $1) ON CONFLICT DO NOTHING", name, box);
        return c.First(Find, r => r.GetFieldValue<byte[]>(0), name)!;
    }, cancellation);

    public Task PutAsync(string name, byte[] box, CancellationToken cancellation) => file.Writer.WriteAsync(
        c => c.Execute("INSERT INTO secret (name, ciphertext) VALUES ($0, $1) ON CONFLICT DO UPDATE SET ciphertext = excluded.ciphertext", name, box), cancellation);

    // No two boxes are alike: each has a nonce of its own.
    public Task<bool> ReplaceAsync(string name, SecretBox old, byte[] box, CancellationToken cancellation) => file.Writer.WriteAsync(
        c => c.Execute("UPDATE secret SET ciphertext = $1 WHERE name = $0 AND ciphertext = $2", name, box, old.Ciphertext) == 1, cancellation);

    public async Task<IReadOnlyList<NamedBox>> ListAsync(string? after, int max, CancellationToken cancellation)
        => await file.Readers.ReadAsync(
            c => c.All("SELECT name, ciphertext FROM secret WHERE name > $0 ORDER BY name LIMIT $1", r => (Name: r.GetString(0), Box: r.GetFieldValue<byte[]>(1)), after ?? "", max)
                .Select(b => new NamedBox(b.Name, b.Name, new(b.Box, VersionOf(b.Box)))).ToList(), cancellation);

    public Task DeleteAsync(string name, CancellationToken cancellation)
        => file.Writer.WriteAsync(c => c.Execute("DELETE FROM secret WHERE name = $0", name), cancellation);

    private static string VersionOf(byte[] box) => Convert.ToHexStringLower(SHA256.HashData(box));
}
