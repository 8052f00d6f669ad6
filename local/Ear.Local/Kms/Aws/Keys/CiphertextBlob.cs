using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Ear.Local.Kms.Data;

namespace Ear.Local.Kms.Aws.Keys;

/// <summary>
/// What Encrypt gives out: format (1) | key id (16) | material id (32) | nonce, ciphertext, tag. The header and the encryption context are bound as AAD.
/// </summary>
internal sealed record CiphertextBlob(string KeyId, string MaterialId, byte[] Body)
{
    private const byte Format = 1;
    private const int HeaderSize = 1 + 16 + 32;

    public static byte[] Encrypt(KmsKey key, KeyMaterial material, byte[] secret, ReadOnlySpan<byte> plain, IReadOnlyDictionary<string, string> context)
    {
        var header = Header(key.Id, material.Id);
        return [.. header, .. Seal.Encrypt(secret, plain, Bound(header, context))];
    }

    /// <returns>null when it is no ciphertext of this KMS.</returns>
    public static CiphertextBlob? Parse(ReadOnlySpan<byte> blob) =>
        blob.Length > HeaderSize && blob[0] == Format
            ? new CiphertextBlob(new Guid(blob.Slice(1, 16), bigEndian: true).ToString(), Convert.ToHexStringLower(blob.Slice(17, 32)), blob[HeaderSize..].ToArray())
            : null;

    /// <returns>null when it was changed, or the context is another.</returns>
    public byte[]? Decrypt(byte[] secret, IReadOnlyDictionary<string, string> context) =>
        Seal.Decrypt(secret, Body, Bound(Header(KeyId, MaterialId), context));

    private static byte[] Header(string keyId, string materialId) =>
        [Format, .. Guid.Parse(keyId).ToByteArray(bigEndian: true), .. Convert.FromHexString(materialId)];

    /// <summary>Sorted and length-prefixed: no two contexts come out the same.</summary>
    private static byte[] Bound(byte[] header, IReadOnlyDictionary<string, string> context)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header);
        foreach (var (name, value) in context.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            Append(name);
            Append(value);
        }
        return hash.GetHashAndReset();

        void Append(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            Span<byte> length = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }
    }
}
