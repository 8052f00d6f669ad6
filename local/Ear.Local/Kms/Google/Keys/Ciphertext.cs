using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Ear.Local.Kms.Data;

namespace Ear.Local.Kms.Google.Keys;

/// <summary>
/// What Encrypt gives out: format byte, 16 bytes that name the key, 4 bytes of the version, then nonce, ciphertext and tag of AES-256-GCM. Key, version
/// and additional authenticated data are bound to it.
/// </summary>
/// <param name="Version">Chosen by Decrypt from here: its request names only the key.</param>
internal sealed record Ciphertext(int Version, ReadOnlyMemory<byte> Body)
{
    private const byte Format = 0x0a;
    private const int HeadSize = 1 + 16 + 4;

    public static byte[] Encrypt(string keyName, int version, byte[] material, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> bound)
    {
        var head = Head(keyName, version);
        return [.. head, .. Seal.Encrypt(material, plain, [.. head, .. bound])];
    }

    /// <returns>null when it was not made by that key.</returns>
    public static Ciphertext? TryParse(string keyName, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < HeadSize)
            return null;
        var version = BinaryPrimitives.ReadInt32BigEndian(bytes.Span[(HeadSize - 4)..]);
        return bytes.Span[..HeadSize].SequenceEqual(Head(keyName, version)) ? new Ciphertext(version, bytes[HeadSize..]) : null;
    }

    /// <returns>null when it was changed, or other data was bound to it.</returns>
    public byte[]? Decrypt(string keyName, byte[] material, ReadOnlySpan<byte> bound) => Seal.Decrypt(material, Body.Span, [.. Head(keyName, Version), .. bound]);

    private static byte[] Head(string keyName, int version)
    {
        var head = new byte[HeadSize];
        head[0] = Format;
        SHA256.HashData(Encoding.UTF8.GetBytes(keyName)).AsSpan(0, 16).CopyTo(head.AsSpan(1));
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(HeadSize - 4), version);
        return head;
    }
}
