namespace Ear.Providers.Secrets;

/// <summary>Seals and opens secrets. A box opens under the name that it was sealed for, and only unchanged.</summary>
internal interface ISecretKey
{
    ValueTask<byte[]> SealAsync(string name, ReadOnlyMemory<byte> secret, CancellationToken cancellation);

    /// <returns>The caller zeroes it.</returns>
    ValueTask<byte[]> UnsealAsync(string name, ReadOnlyMemory<byte> box, CancellationToken cancellation);

    /// <summary>A newer key is in use by now: whoever opened this box should seal it anew.</summary>
    ValueTask<bool> IsOutdatedAsync(ReadOnlyMemory<byte> box, CancellationToken cancellation);
}
