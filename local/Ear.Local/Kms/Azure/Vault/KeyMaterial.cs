using System.Buffers.Text;
using System.Security.Cryptography;

namespace Ear.Local.Kms.Azure.Vault;

/// <summary>A new key pair before it is sealed.</summary>
/// <param name="Private">PKCS#8; whoever takes it wipes it.</param>
internal sealed record KeyMaterial(string Kty, PublicKey Public, byte[] Private)
{
    private static readonly Dictionary<string, ECCurve> Curves = new()
    {
        ["P-256"] = ECCurve.NamedCurves.nistP256,
        ["P-384"] = ECCurve.NamedCurves.nistP384,
        ["P-521"] = ECCurve.NamedCurves.nistP521,
    };

    /// <exception cref="AzureRefusal">The type, size or curve is none that the vault makes.</exception>
    public static KeyMaterial Generate(string kty, int? size, string? curve) => kty switch
    {
        "RSA" or "RSA-HSM" when (size ?? 2048) is 2048 or 3072 or 4096 => NewRsa(kty, size ?? 2048),
        "RSA" or "RSA-HSM" => throw AzureRefusal.BadParameter($"Key size is not supported: {size}"),
        "EC" or "EC-HSM" when Curves.TryGetValue(curve ?? "P-256", out var found) => NewEc(kty, curve ?? "P-256", found),
        "EC" or "EC-HSM" => throw AzureRefusal.BadParameter($"Property 'crv' has invalid value: {curve}"),
        _ => throw AzureRefusal.BadParameter("Property kty has invalid value"),
    };

    /// <summary>Another pair of the same kind.</summary>
    public static KeyMaterial Like(KeyVersion version) => version.IsRsa
        ? NewRsa(version.Kty, Base64Url.DecodeFromChars(version.Public.N).Length * 8)
        : Generate(version.Kty, size: null, version.Public.Crv);

    /// <summary>An RSA key made elsewhere. The SDKs send it whole.</summary>
    public static KeyMaterial Import(string kty, RSAParameters parameters)
    {
        try
        {
            using var rsa = RSA.Create(parameters);
            return rsa.KeySize is 2048 or 3072 or 4096
                ? Of(kty, rsa)
                : throw AzureRefusal.BadParameter($"Key size is not supported: {rsa.KeySize}");
        }
        catch (CryptographicException)
        {
            throw AzureRefusal.BadParameter("The JSON web key is not a complete RSA key pair.");
        }
    }

    private static KeyMaterial NewRsa(string kty, int size)
    {
        using var rsa = RSA.Create(size);
        return Of(kty, rsa);
    }

    private static KeyMaterial Of(string kty, RSA rsa)
    {
        var parameters = rsa.ExportParameters(includePrivateParameters: false);
        return new KeyMaterial(kty, new PublicKey(Text(parameters.Modulus), Text(parameters.Exponent), null, null, null), rsa.ExportPkcs8PrivateKey());
    }

    private static KeyMaterial NewEc(string kty, string name, ECCurve curve)
    {
        using var ec = ECDsa.Create(curve);
        var parameters = ec.ExportParameters(includePrivateParameters: false);
        return new KeyMaterial(kty, new PublicKey(null, null, name, Text(parameters.Q.X), Text(parameters.Q.Y)), ec.ExportPkcs8PrivateKey());
    }

    private static string Text(byte[]? bytes) => Base64Url.EncodeToString(bytes);
}
