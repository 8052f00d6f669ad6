using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Ear.Local.Kms.Azure.Vault;

/// <summary>Bodies that clients send; what is not read here the real service reads and this one has no use for.</summary>
internal sealed record KeyBody
{
    public string? Kty { get; init; }

    public int? KeySize { get; init; }

    public string? Crv { get; init; }

    public IReadOnlyList<string>? KeyOps { get; init; }

    public AttributesBody? Attributes { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>The key to import.</summary>
    public WebKeyBody? Key { get; init; }

    /// <summary>Of an imported key: in hardware or not.</summary>
    public bool? Hsm { get; init; }

    public KeyChange Change(string kty) => new()
    {
        Enabled = Attributes?.Enabled,
        NotBefore = Time(Attributes?.Nbf),
        Expires = Time(Attributes?.Exp),
        Operations = KeyOperationNames.Checked(KeyOps ?? Key?.KeyOps, kty),
        Tags = Tags,
    };

    private static DateTimeOffset? Time(long? seconds)
    {
        if (seconds is < 0 or > Entra.Jwt.LastSecond)
            throw AzureRefusal.BadParameter("Property attributes has invalid value");
        return seconds is { } s ? DateTimeOffset.FromUnixTimeSeconds(s) : null;
    }
}

internal sealed record AttributesBody(bool? Enabled, long? Nbf, long? Exp);

/// <summary>A JSON web key with its private half.</summary>
internal sealed record WebKeyBody(string? Kty, string? N, string? E, string? D, string? P, string? Q, string? Dp, string? Dq, string? Qi, IReadOnlyList<string>? KeyOps)
{
    public override string ToString() => $"WebKeyBody {Kty}";

    public RSAParameters Rsa() => new()
    {
        Modulus = Bytes(N, "n"),
        Exponent = Bytes(E, "e"),
        D = Bytes(D, "d"),
        P = Bytes(P, "p"),
        Q = Bytes(Q, "q"),
        DP = Bytes(Dp, "dp"),
        DQ = Bytes(Dq, "dq"),
        InverseQ = Bytes(Qi, "qi"),
    };

    private static byte[] Bytes(string? text, string name) => VaultRequest.Bytes(text, name);
}

internal sealed record CryptographyBody(string? Alg, string? Value)
{
    public override string ToString() => $"CryptographyBody {Alg}";
}

internal sealed record RotationBody(IReadOnlyList<RotationBody.LifetimeAction>? LifetimeActions, RotationBody.PolicyAttributes? Attributes)
{
    internal sealed record LifetimeAction(TriggerBody? Trigger, ActionBody? Action);

    internal sealed record TriggerBody(string? TimeAfterCreate, string? TimeBeforeExpiry);

    internal sealed record ActionBody(string? Type);

    internal sealed record PolicyAttributes(string? ExpiryTime);
}

/// <param name="ApiVersion">As sent; checked before the operation runs.</param>
internal sealed record VaultRequest(VaultRoute Route, string ApiVersion, int? MaxResults, string? SkipToken, byte[] Body)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNameCaseInsensitive = true };
    private static readonly JsonSerializerOptions SnakeCase = new(Json) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public string Name => Route.Name!;

    /// <summary>Members of a key are in snake case (key_ops), those of a rotation policy in camel case.</summary>
    public T Read<T>()
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(Body, typeof(T) == typeof(RotationBody) ? Json : SnakeCase) ?? throw AzureRefusal.BadParameter("Request body not specified");
        }
        catch (JsonException)
        {
            throw AzureRefusal.BadParameter(Body.Length == 0 ? "Request body not specified" : "The request body is not the JSON that this operation takes.");
        }
    }

    /// <summary>Without padding; some clients add it and the service bears that.</summary>
    public static byte[] Bytes(string? text, string name)
    {
        try
        {
            return string.IsNullOrEmpty(text) ? throw AzureRefusal.BadParameter($"Property '{name}' is required.\r\n") : Base64Url.DecodeFromChars(text);
        }
        catch (FormatException)
        {
            throw AzureRefusal.BadParameter($"Content of '{name}' is not base64url.\r\nProperty '{name}' is required.\r\n");
        }
    }
}
