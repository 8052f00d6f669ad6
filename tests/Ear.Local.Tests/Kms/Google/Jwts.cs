using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Ear.Local.Tests.Kms.Google;

/// <summary>JWTs signed with a key file, also wrong ones that Google's library would not make.</summary>
internal static class Jwts
{
    public static string Email(string keyFile) => Field(keyFile, "client_email");

    /// <param name="change">Sets claims; a null takes one away.</param>
    public static string Sign(string keyFile, DateTimeOffset now, Action<Dictionary<string, object?>> change, string? keyId = null)
    {
        var claims = new Dictionary<string, object?>
        {
            ["iss"] = Email(keyFile),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.AddMinutes(60).ToUnixTimeSeconds(),
        };
        change(claims);
        foreach (var name in claims.Where(c => c.Value is null).Select(c => c.Key).ToList())
            claims.Remove(name);
        var header = new Dictionary<string, object?> { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = keyId ?? Field(keyFile, "private_key_id") };
        var signed = $"{Part(header)}.{Part(claims)}";
        using var rsa = RSA.Create();
        rsa.ImportFromPem(Field(keyFile, "private_key"));
        return $"{signed}.{Base64Url.EncodeToString(rsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    /// <summary>What Google's SDKs send instead of a token, signed by the customer's administrator at the service's time.</summary>
    public static string SelfSigned(GoogleWorld world, DateTimeOffset? at = null) => Sign(world.Service.Address.ServiceAccountKeyFile, at ?? world.Service.Clock.Now, c =>
    {
        c["sub"] = c["iss"];
        c["aud"] = "https://cloudkms.googleapis.com/";
    });

    private static string Field(string keyFile, string name) => File.ReadAllText(keyFile).Json().GetProperty(name).GetString()!;

    private static string Part(object part) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(part));
}
