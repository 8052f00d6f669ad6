using System.Security.Cryptography;
using System.Text;

namespace Ear.Projects;

/// <summary>What is kept of the secrets of credentials, and how it is made from them.</summary>
public static class ApiKeySecrets
{
    /// <summary>The realm of HTTP Digest, part of every kept <see cref="ApiKey.Ha1Md5"/> (spec atlas-ear §2.0.1): changing it makes all API keys useless.</summary>
    public const string Realm = "MMS Public API";

    /// <summary>Eight lower-case letters, as Atlas's public keys look.</summary>
    public static string NewPublicKey(IIds ids)
        => string.Create(8, SHA256.HashData(ids.Secret(16)), static (text, bytes) =>
        {
            for (var i = 0; i < text.Length; i++)
                text[i] = (char)('a' + (bytes[i] % 26));
        });

    public static string NewPrivateKey(IIds ids) => ids.NewGuid().ToString("D");

    public static string NewClientId(IIds ids) => $"mdb_sa_id_{ids.NewHex()}";

    public static string NewClientSecret(IIds ids) => $"mdb_sa_sk_{System.Buffers.Text.Base64Url.EncodeToString(ids.Secret(32))}";

    public static string Ha1(string publicKey, string privateKey) => Md5Hex($"{publicKey}:{Realm}:{privateKey}");

    public static string SecretSha256(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>MD5 because HTTP Digest as Atlas's clients speak it demands it; nothing else here relies on it.</summary>
    public static string Md5Hex(string text)
    {
        Span<byte> hash = stackalloc byte[MD5.HashSizeInBytes];
        MD5.HashData(Encoding.UTF8.GetBytes(text), hash);
        return Convert.ToHexStringLower(hash);
    }
}
