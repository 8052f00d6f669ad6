using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ear.Local.Kms.Azure.Entra;

/// <summary>A signed JSON web token as it came: nothing in it is to be believed before <see cref="IsSignedBy"/>.</summary>
internal sealed class Jwt
{
    /// <summary>Of the year 9999.</summary>
    public const long LastSecond = 253_402_300_799;

    private readonly JsonElement header;
    private readonly JsonElement payload;
    private readonly byte[] signed;
    private readonly byte[] signature;

    private Jwt(JsonElement header, JsonElement payload, byte[] signed, byte[] signature) =>
        (this.header, this.payload, this.signed, this.signature) = (header, payload, signed, signature);

    /// <returns>null when it is not of that form.</returns>
    public static Jwt? Parse(string token)
    {
        if (token.Split('.') is not [var header, var payload, var signature])
            return null;
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(Base64Url.DecodeFromChars(header)) is { ValueKind: JsonValueKind.Object } readHeader &&
                JsonSerializer.Deserialize<JsonElement>(Base64Url.DecodeFromChars(payload)) is { ValueKind: JsonValueKind.Object } readPayload
                ? new Jwt(readHeader, readPayload, Encoding.ASCII.GetBytes($"{header}.{payload}"), Base64Url.DecodeFromChars(signature))
                : null;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    /// <summary>RS256.</summary>
    public static string Sign(JsonObject header, JsonObject payload, RSA key)
    {
        var text = $"{Part(header)}.{Part(payload)}";
        return $"{text}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    public string? Header(string name) => Text(header, name);

    public string? Claim(string name) => Text(payload, name);

    /// <summary>exp, nbf, iat: a number, which MSAL for .NET writes in quotes.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (!payload.TryGetProperty(name, out var value) || value.ValueKind is not (JsonValueKind.Number or JsonValueKind.String))
            return null;
        return long.TryParse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= LastSecond
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
    }

    /// <summary>RS256, and PS256 that newer clients sign with.</summary>
    public bool IsSignedBy(RSA key) => Header("alg") switch
    {
        "RS256" => key.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        "PS256" => key.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
        _ => false,
    };

    private static string Part(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));

    private static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
