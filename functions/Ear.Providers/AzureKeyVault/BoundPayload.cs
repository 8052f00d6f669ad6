using System.Security.Cryptography;
using Ear.CustomerKeys;

namespace Ear.Providers.AzureKeyVault;

/// <summary>
/// What is wrapped by a vault, which takes no additional data: one byte of format, 16 bytes of the context's SHA-256, the plaintext (spec kms §1.2).
/// With 64 bytes of plaintext that is 81 of the 190 that RSA-OAEP-256 carries under the smallest key of 2,048 bits.
/// </summary>
internal static class BoundPayload
{
    private const byte Format = 1;
    private const int DigestLength = 16;
    private const int Overhead = 1 + DigestLength;

    /// <returns>The caller zeroes it.</returns>
    public static byte[] Of(ReadOnlySpan<byte> plaintext, KeyContext context)
    {
        var payload = new byte[Overhead + plaintext.Length];
        payload[0] = Format;
        Digest(context).CopyTo(payload.AsSpan(1));
        plaintext.CopyTo(payload.AsSpan(Overhead));
        return payload;
    }

    /// <returns>The plaintext, which the caller zeroes; null when it belongs to another context or is none of ours.</returns>
    public static byte[]? Open(ReadOnlySpan<byte> payload, KeyContext context) =>
        payload.Length >= Overhead && payload[0] == Format && CryptographicOperations.FixedTimeEquals(payload.Slice(1, DigestLength), Digest(context))
            ? payload[Overhead..].ToArray()
            : null;

    private static ReadOnlySpan<byte> Digest(KeyContext context) => SHA256.HashData(context.Canonical()).AsSpan(0, DigestLength);
}
