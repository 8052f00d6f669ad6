using Ear.Secrets;

namespace Ear.Providers.Secrets;

/// <summary>Seals and opens secrets. A box opens under the name that it was sealed for, and only unchanged.</summary>
internal interface ISecretKey
{
    ValueTask<byte[]> SealAsync(string name, ReadOnlyMemory<byte> secret, CancellationToken cancellation);

    /// <returns>The caller zeroes it.</returns>
    /// <exception cref="Ear.Providers.StoreException">Around a <see cref="System.Security.Cryptography.CryptographicException"/>: it is the box that does not open. Else: what opens it cannot be had now.</exception>
    ValueTask<byte[]> UnsealAsync(string name, ReadOnlyMemory<byte> box, CancellationToken cancellation);

    /// <summary>A newer key is in use by now: whoever opened this box should seal it anew.</summary>
    /// <returns>Null: it cannot be told now, and nobody is kept waiting for it.</returns>
    ValueTask<bool?> IsOutdatedAsync(ReadOnlyMemory<byte> box, CancellationToken cancellation);

    /// <summary>Looks now which key is the newest, and makes one that is due.</summary>
    /// <exception cref="Ear.Providers.StoreException">There is none that may seal.</exception>
    Task LookAsync(CancellationToken cancellation);

    /// <summary>Puts the keys that seal under the newest version of what wraps them.</summary>
    Task<RewrappedKeys> RewrapAsync(CancellationToken cancellation);
}
