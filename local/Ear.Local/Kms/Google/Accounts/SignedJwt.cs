using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Ear.Local.Kms.Google.Accounts;

/// <summary>A JWT as a service account signs it; nothing in it is believed before <see cref="IsSignedBy"/>.</summary>
internal sealed record SignedJwt
{
    private readonly byte[] signedPart;
    private readonly byte[] signature;

    private SignedJwt(byte[] signedPart, byte[] signature) => (this.signedPart, this.signature) = (signedPart, signature);

    public required string? KeyId { get; init; }

    public required string? Issuer { get; init; }

    public required string? Subject { get; init; }

    public required string? Audience { get; init; }

    /// <summary>Separated by spaces.</summary>
    public required string? Scope { get; init; }

    public required DateTimeOffset? IssuedAt { get; init; }

    public required DateTimeOffset? Expires { get; init; }

    /// <returns>null when it is not a JWT signed with RS256.</returns>
    public static SignedJwt? TryParse(string text)
    {
        if (text.Split('.') is not [var header, var payload, var signature])
            return null;
        try
        {
            using var head = JsonDocument.Parse(Base64Url.DecodeFromChars(header));
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            if (Text(head, "alg") != "RS256")
                return null;
            return new SignedJwt(Encoding.ASCII.GetBytes($"{header}.{payload}"), Base64Url.DecodeFromChars(signature))
            {
                KeyId = Text(head, "kid"),
                Issuer = Text(claims, "iss"),
                Subject = Text(claims, "sub"),
                Audience = Text(claims, "aud"),
                Scope = Text(claims, "scope"),
                IssuedAt = Time(claims, "iat"),
                Expires = Time(claims, "exp"),
            };
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    /// <summary>By the key that it names; without a name, by any key of the account.</summary>
    public bool IsSignedBy(ServiceAccount account) => account.Keys.Where(k => KeyId is null || k.Id == KeyId).Any(Verifies);

    private bool Verifies(ServiceAccountKey key)
    {
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(key.PublicKey, out _);
        return rsa.VerifyData(signedPart, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static string? Text(JsonDocument json, string name) =>
        json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Seconds since 1970; some SDKs send them with a fraction.</summary>
    private static DateTimeOffset? Time(JsonDocument json, string name) =>
        json.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.GetDouble() is > -6e10 and < 2e11 and var seconds
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;
}
