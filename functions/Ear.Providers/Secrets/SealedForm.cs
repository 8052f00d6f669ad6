using System.Security.Cryptography;
using System.Text;

namespace Ear.Providers.Secrets;

/// <summary>AES-256-GCM as all boxes hold it: nonce 12 ‖ ciphertext ‖ tag 16, after a head that says under which key. What a box is bound to is its AAD.</summary>
internal static class SealedForm
{
    public const int KeySize = 32;
    private const int NonceSize = 12;
    private const int TagSize = 16;

    public const int Overhead = NonceSize + TagSize;

    /// <param name="head">Begins the box, in clear.</param>
    /// <param name="bound">What the box opens under, beside the key.</param>
    public static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> head, ReadOnlySpan<byte> bound, ReadOnlySpan<byte> secret)
    {
        var box = new byte[head.Length + Overhead + secret.Length];
        head.CopyTo(box);
        var rest = box.AsSpan(head.Length);
        var nonce = rest[..NonceSize];
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(nonce, secret, rest[NonceSize..^TagSize], rest[^TagSize..], bound);
        return box;
    }

    /// <returns>The secret, which the caller zeroes.</returns>
    /// <exception cref="AuthenticationTagMismatchException">Another key or name, or a changed box.</exception>
    public static byte[] Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> bound, ReadOnlySpan<byte> sealedPart)
    {
        var secret = new byte[sealedPart.Length - Overhead];
        using var aes = new AesGcm(key, TagSize);
        aes.Decrypt(sealedPart[..NonceSize], sealedPart[NonceSize..^TagSize], sealedPart[^TagSize..], secret, bound);
        return secret;
    }

    public static byte[] Name(string name) => Encoding.UTF8.GetBytes(name);
}
