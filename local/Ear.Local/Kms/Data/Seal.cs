using System.Security.Cryptography;
using System.Text;

namespace Ear.Local.Kms.Data;

/// <summary>AES-256-GCM under the file key. What a sealed value is for is bound to it, so that one cannot be put in another's place.</summary>
internal sealed class Seal(byte[] fileKey)
{
    private const int NonceSize = 12;
    private const int TagSize = 16;

    public byte[] Close(string purpose, ReadOnlySpan<byte> plain) => Encrypt(fileKey, plain, Encoding.UTF8.GetBytes(purpose));

    /// <returns>null when it was not sealed here, for this purpose, or was changed.</returns>
    public byte[]? Open(string purpose, ReadOnlySpan<byte> sealedBytes) => Decrypt(fileKey, sealedBytes, Encoding.UTF8.GetBytes(purpose));

    /// <returns>nonce, ciphertext, tag.</returns>
    public static byte[] Encrypt(byte[] key, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> bound)
    {
        var result = new byte[NonceSize + plain.Length + TagSize];
        RandomNumberGenerator.Fill(result.AsSpan(0, NonceSize));
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(result.AsSpan(0, NonceSize), plain, result.AsSpan(NonceSize, plain.Length), result.AsSpan(NonceSize + plain.Length), bound);
        return result;
    }

    public static byte[]? Decrypt(byte[] key, ReadOnlySpan<byte> sealedBytes, ReadOnlySpan<byte> bound)
    {
        var length = sealedBytes.Length - NonceSize - TagSize;
        if (length < 0)
            return null;
        var plain = new byte[length];
        using var aes = new AesGcm(key, TagSize);
        try
        {
            aes.Decrypt(sealedBytes[..NonceSize], sealedBytes.Slice(NonceSize, length), sealedBytes[(NonceSize + length)..], plain, bound);
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
