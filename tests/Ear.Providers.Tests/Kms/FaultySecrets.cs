using Ear.Secrets;

namespace Ear.Providers.Tests.Kms;

/// <summary>Ear's own secrets, which can be kept from being read.</summary>
internal sealed class FaultySecrets(ISecrets inner) : ISecrets
{
    /// <summary>What a read meets before it gets anywhere; null: nothing.</summary>
    public Func<CancellationToken, Task>? Before { get; set; }

    public async Task<byte[]?> FindAsync(string name, CancellationToken cancellation)
    {
        if (Before is { } before)
            await before(cancellation);
        return await inner.FindAsync(name, cancellation);
    }

    public Task<byte[]> GetOrCreateAsync(string name, Func<byte[]> create, CancellationToken cancellation) => inner.GetOrCreateAsync(name, create, cancellation);

    public Task PutAsync(string name, byte[] value, CancellationToken cancellation) => inner.PutAsync(name, value, cancellation);

    public Task ChangeAsync(string name, Func<byte[]?, byte[]?> change, CancellationToken cancellation) => inner.ChangeAsync(name, change, cancellation);

    public Task DeleteAsync(string name, CancellationToken cancellation) => inner.DeleteAsync(name, cancellation);
}
