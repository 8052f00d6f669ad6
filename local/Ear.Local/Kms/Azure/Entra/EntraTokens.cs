using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ear.Local.Kms.Azure.Vault;
using Ear.Local.Kms.Control;
using Ear.Local.Kms.Data;

namespace Ear.Local.Kms.Azure.Entra;

/// <summary>Access tokens: signed here with a key that is made once, and checked by the vault with the real service's words.</summary>
internal sealed class EntraTokens
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(3_599);

    /// <summary>By how much clocks may differ.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    private const string Kind = "azure-signing-key";
    private const string Purpose = "azure-signing-key";

    private readonly Seal seal;
    private readonly RsaPool pool;
    private readonly ServiceClock clock;
    private readonly SigningKey key;
    private readonly string tenantId;

    public EntraTokens(KmsDocuments documents, Seal seal, RsaPool pool, ServiceClock clock, string tenantId)
    {
        (this.seal, this.pool, this.clock, this.tenantId) = (seal, pool, clock, tenantId);
        if (documents.All(Kind) is [var stored, ..])
        {
            key = JsonSerializer.Deserialize<SigningKey>(stored)!;
            return;
        }
        key = NewKey();
        documents.Put(Kind, key.Id, JsonSerializer.Serialize(key));
    }

    /// <summary>As in tokens of version 1, which Key Vault is given.</summary>
    public static string IssuerOf(string tenantId) => $"https://sts.windows.net/{tenantId}/";

    public JsonObject KeySet() => new()
    {
        ["keys"] = new JsonArray(new JsonObject { ["kty"] = "RSA", ["use"] = "sig", ["alg"] = "RS256", ["kid"] = key.Id, ["x5t"] = key.Id, ["n"] = key.Modulus, ["e"] = key.Exponent }),
    };

    /// <param name="byAssertion">How the application showed who it is.</param>
    /// <param name="issuer">null: this tenant. Another one makes a token that the vault must refuse.</param>
    public string Create(Application application, string audience, bool byAssertion = false, string? issuer = null)
    {
        var now = clock.Now;
        var claims = new JsonObject
        {
            ["aud"] = audience,
            ["iss"] = issuer ?? IssuerOf(tenantId),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + Lifetime).ToUnixTimeSeconds(),
            ["appid"] = application.ClientId,
            ["appidacr"] = byAssertion ? "2" : "1",
            ["idp"] = IssuerOf(tenantId),
            ["idtyp"] = "app",
            ["oid"] = application.ObjectId,
            ["sub"] = application.ObjectId,
            ["tid"] = tenantId,
            ["uti"] = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)),
            ["ver"] = "1.0",
        };
        var header = new JsonObject { ["typ"] = "JWT", ["alg"] = "RS256", ["x5t"] = key.Id, ["kid"] = key.Id };
        return pool.Use(key.Id, Open, rsa => Jwt.Sign(header, claims, rsa));
    }

    /// <param name="authorization">The header; null when there is none.</param>
    /// <exception cref="AzureRefusal">401, for the vault to answer with a challenge.</exception>
    public VaultCaller CallerOf(string? authorization)
    {
        const string scheme = "Bearer ";
        if (authorization?.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) != true)
            throw AzureRefusal.Unauthorized("AKV10000: Request is missing a Bearer or PoP token.");
        var token = Jwt.Parse(authorization[scheme.Length..].Trim()) ?? throw AzureRefusal.Unauthorized("AKV10001: Unable to parse JWT token.");
        if (token.Header("kid") != key.Id || !pool.Use(key.Id, Open, token.IsSignedBy))
            throw AzureRefusal.Unauthorized("AKV10046: Unable to resolve the key used for signature validation.");
        if (token.Claim("iss") != IssuerOf(tenantId))
            throw AzureRefusal.Unauthorized($"AKV10032: Invalid issuer. Expected one of {IssuerOf(tenantId)}, found {token.Claim("iss")}.");
        if (token.Claim("aud") != AzureNames.VaultResource)
            throw AzureRefusal.Unauthorized($"AKV10022: Invalid audience. Expected {AzureNames.VaultResource}, found: {token.Claim("aud")}.");
        if (token.Time("exp") is not { } expires || clock.Now >= expires + Skew)
            throw AzureRefusal.Unauthorized("[TokenExpired] Error validating token: 'S2S12086'.");
        if (clock.Now < token.Time("nbf") - Skew)
            throw AzureRefusal.Unauthorized("[TokenNotYetValid] Error validating token: 'S2S12087'.");
        return new VaultCaller(token.Claim("appid") ?? "", token.Claim("oid") ?? "");
    }

    private byte[] Open() =>
        seal.Open(Purpose, key.Sealed)
        ?? throw new InvalidOperationException("The key that signs tokens does not open under kms.key: the data folder mixes files of two installations.");

    private SigningKey NewKey()
    {
        using var rsa = RSA.Create(2_048);
        var parameters = rsa.ExportParameters(includePrivateParameters: false);
        var pkcs8 = rsa.ExportPkcs8PrivateKey();
        var closed = seal.Close(Purpose, pkcs8);
        CryptographicOperations.ZeroMemory(pkcs8);
        return new SigningKey(
            Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(20)), Base64Url.EncodeToString(parameters.Modulus), Base64Url.EncodeToString(parameters.Exponent), closed);
    }

    private sealed record SigningKey(string Id, string Modulus, string Exponent, byte[] Sealed);
}
