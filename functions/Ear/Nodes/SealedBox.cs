using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Ear.Nodes;

/// <summary>
/// A JWE in compact form (RFC 7516) with ECDH-ES on P-256 and A256GCM: how a node master key travels between agent and control
/// plane, so that neither TLS termination nor a log in between ever sees it (design §2). The header carries the ephemeral key.
/// </summary>
public static class SealedBox
{
    /// <param name="purpose">Bound into the key derivation (PartyVInfo): a box made for one purpose does not open for another.</param>
    public static string Seal(ReadOnlySpan<byte> plaintext, ECDiffieHellmanPublicKey recipient, string purpose)
    {
        using var ephemeral = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var point = ephemeral.ExportParameters(includePrivateParameters: false).Q;
        var header = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new Header(
            "ECDH-ES", "A256GCM", Base64Url.EncodeToString(Encoding.UTF8.GetBytes(purpose)),
            new("EC", "P-256", Base64Url.EncodeToString(point.X!), Base64Url.EncodeToString(point.Y!)))));
        var key = Derive(ephemeral, recipient, purpose);
        try
        {
            Span<byte> nonce = stackalloc byte[12];
            RandomNumberGenerator.Fill(nonce);
            var ciphertext = new byte[plaintext.Length];
            Span<byte> tag = stackalloc byte[16];
            using var aes = new AesGcm(key, 16);
            aes.Encrypt(nonce, plaintext, ciphertext, tag, Encoding.ASCII.GetBytes(header));
            return $"{header}..{Base64Url.EncodeToString(nonce)}.{Base64Url.EncodeToString(ciphertext)}.{Base64Url.EncodeToString(tag)}";
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>The caller zeroes the result.</summary>
    /// <exception cref="CryptographicException">Not a box of this form, not for this key, not for this purpose, or changed on the way. The text never quotes the content.</exception>
    public static byte[] Open(string box, ECDiffieHellman recipient, string purpose)
    {
        try
        {
            if (box.Split('.') is not [var headerText, "", var nonce, var ciphertext, var tag])
                throw new CryptographicException("A sealed box has five parts.");
            var header = JsonSerializer.Deserialize<Header>(Base64Url.DecodeFromChars(headerText));
            if (header is not { Alg: "ECDH-ES", Enc: "A256GCM", Epk: { Crv: "P-256" } epk })
                throw new CryptographicException("The sealed box uses another algorithm.");
            using var ephemeral = ECDiffieHellman.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new() { X = Base64Url.DecodeFromChars(epk.X), Y = Base64Url.DecodeFromChars(epk.Y) },
            });
            var key = Derive(recipient, ephemeral.PublicKey, purpose);
            try
            {
                var sealedBytes = Base64Url.DecodeFromChars(ciphertext);
                var plaintext = new byte[sealedBytes.Length];
                using var aes = new AesGcm(key, 16);
                aes.Decrypt(Base64Url.DecodeFromChars(nonce), sealedBytes, Base64Url.DecodeFromChars(tag), plaintext, Encoding.ASCII.GetBytes(headerText));
                return plaintext;
            }
            finally
            {
                CryptographicOperations.ZeroMemory(key);
            }
        }
        catch (Exception e) when (e is FormatException or JsonException or ArgumentException)
        {
            throw new CryptographicException("Not a sealed box.", e);
        }
    }

    public static ECDiffieHellmanPublicKey ImportPublicKey(string base64SubjectPublicKeyInfo)
    {
        using var key = ECDiffieHellman.Create();
        key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(base64SubjectPublicKeyInfo), out _);
        return key.PublicKey;
    }

    // Concat KDF of RFC 7518 §4.6.2: one round of SHA-256 suffices for 256 bits.
    private static byte[] Derive(ECDiffieHellman own, ECDiffieHellmanPublicKey other, string purpose)
    {
        using var suffix = new MemoryStream();
        void Sized(ReadOnlySpan<byte> bytes)
        {
            Span<byte> length = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            suffix.Write(length);
            suffix.Write(bytes);
        }
        Sized("A256GCM"u8);
        Sized([]);
        Sized(Encoding.UTF8.GetBytes(purpose));
        suffix.Write([0, 0, 1, 0]);
        return own.DeriveKeyFromHash(other, HashAlgorithmName.SHA256, secretPrepend: [0, 0, 0, 1], secretAppend: suffix.ToArray());
    }

    private sealed record Header(
        [property: System.Text.Json.Serialization.JsonPropertyName("alg")] string Alg,
        [property: System.Text.Json.Serialization.JsonPropertyName("enc")] string Enc,
        [property: System.Text.Json.Serialization.JsonPropertyName("apv")] string Apv,
        [property: System.Text.Json.Serialization.JsonPropertyName("epk")] EphemeralKey Epk);

    private sealed record EphemeralKey(
        [property: System.Text.Json.Serialization.JsonPropertyName("kty")] string Kty,
        [property: System.Text.Json.Serialization.JsonPropertyName("crv")] string Crv,
        [property: System.Text.Json.Serialization.JsonPropertyName("x")] string X,
        [property: System.Text.Json.Serialization.JsonPropertyName("y")] string Y);
}
