using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Ear.Local.Kms.Data;

namespace Ear.Local.Kms.Aws.Keys;

/// <summary>
/// What Encrypt gives out: format (1: key, 2: multi-Region key) | key id (16) | material id (32) | nonce, ciphertext, tag. The header and the encryption context are bound as AAD.
/// </summary>
internal sealed record CiphertextBlob(string KeyId, string MaterialId, byte[] Body)
{
    private const byte Plain = 1;
    private const byte MultiRegion = 2;
    private const int HeaderSize = 1 + 16 + 32;

    public static byte[] Encrypt(KmsKey key, KeyMaterial material, byte[] secret, ReadOnlySpan<byte> plain, IReadOnlyDictionary<string, string> context)
    {
        var header = Header(key.Id, material.Id);
        return [.. header, .. Seal.Encrypt(secret, plain, Bound(header, context))];
    }

    /// <returns>null when it is no ciphertext of this KMS.</returns>
    public static CiphertextBlob? Parse(ReadOnlySpan<byte> blob) =>
        blob.Length > HeaderSize && blob[0] is (Plain or MultiRegion)
            ? new CiphertextBlob(IdFrom(blob[0], new Guid(blob.Slice(1, 16), bigEndian: true)), Convert.ToHexStringLower(blob.Slice(17, 32)), blob[HeaderSize..].ToArray())
            : null;

    /// <returns>null when it was changed, or the context is another.</returns>
    public byte[]? Decrypt(byte[] secret, IReadOnlyDictionary<string, string> context) =>
        Seal.Decrypt(secret, Body, Bound(Header(KeyId, MaterialId), context));

    private static byte[] Header(string keyId, string materialId) =>
        keyId.StartsWith(KmsKey.MultiRegionPrefix, StringComparison.Ordinal)
            ? [MultiRegion, .. Convert.FromHexString(keyId.AsSpan(KmsKey.MultiRegionPrefix.Length)), .. Convert.FromHexString(materialId)]
            : [Plain, .. Guid.Parse(keyId).ToByteArray(bigEndian: true), .. Convert.FromHexString(materialId)];

    private static string IdFrom(byte format, Guid id) => format == MultiRegion ? $"{KmsKey.MultiRegionPrefix}{id:n}" : id.ToString();

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
