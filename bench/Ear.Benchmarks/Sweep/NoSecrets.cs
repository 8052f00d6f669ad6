using Ear.Secrets;

namespace Ear.Benchmarks.Sweep;

/// <summary>A role needs none.</summary>
internal sealed class NoSecrets : ISecrets
{
    public Task<byte[]?> FindAsync(string name, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<byte[]> GetOrCreateAsync(string name, Func<byte[]> create, CancellationToken cancellation) => throw new NotSupportedException();

    public Task PutAsync(string name, byte[] value, CancellationToken cancellation) => throw new NotSupportedException();

    public Task ChangeAsync(string name, Func<byte[]?, byte[]?> change, CancellationToken cancellation) => throw new NotSupportedException();

    public Task DeleteAsync(string name, CancellationToken cancellation) => throw new NotSupportedException();
}
