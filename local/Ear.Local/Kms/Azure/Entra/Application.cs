using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Ear.Local.Kms.Azure.Entra;

/// <summary>An application and its service principal in the customer's tenant.</summary>
/// <param name="ObjectId">Of the service principal.</param>
internal sealed record Application(string ClientId, string ObjectId, string DisplayName)
{
    /// <summary>false: AADSTS7000112.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Whether the tenant has a service principal for it; false: AADSTS700016.</summary>
    public bool HasServicePrincipal { get; init; } = true;

    public IReadOnlyList<ClientSecret> Secrets { get; init; } = [];

    public IReadOnlyList<ClientKey> Keys { get; init; } = [];
}

/// <summary>A client secret, of which only the hash is kept here.</summary>
/// <param name="Expires">From then on AADSTS7000222.</param>
internal sealed record ClientSecret(byte[] Hash, DateTimeOffset Expires)
{
    public static ClientSecret Of(string secret, DateTimeOffset expires) => new(SHA256.HashData(Encoding.UTF8.GetBytes(secret)), expires);

    public bool Matches(string secret) => CryptographicOperations.FixedTimeEquals(Hash, SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}

/// <summary>A public key that signs an application's assertions.</summary>
/// <param name="Ids">What an assertion's header may call it: kid, x5t, x5t#S256.</param>
/// <param name="Federation">null: the application signs for itself; otherwise who signs for it.</param>
internal sealed record ClientKey(IReadOnlyList<string> Ids, byte[] Modulus, byte[] Exponent, Federation? Federation)
{
    public static ClientKey Of(X509Certificate2 certificate)
    {
        using var key = certificate.GetRSAPublicKey() ?? throw new ArgumentException("The certificate has no RSA key.", nameof(certificate));
        var parameters = key.ExportParameters(includePrivateParameters: false);
        return new ClientKey(
            [certificate.Thumbprint, Base64Url.EncodeToString(certificate.GetCertHash()), Base64Url.EncodeToString(certificate.GetCertHash(HashAlgorithmName.SHA256))],
            parameters.Modulus!, parameters.Exponent!, Federation: null);
    }

    public static ClientKey Of(string id, RSA key, Federation? federation = null)
    {
        var parameters = key.ExportParameters(includePrivateParameters: false);
        return new ClientKey([id], parameters.Modulus!, parameters.Exponent!, federation);
    }

    public bool Signed(Jwt assertion)
    {
        using var key = RSA.Create(new RSAParameters { Modulus = Modulus, Exponent = Exponent });
        return assertion.IsSignedBy(key);
    }
}

/// <summary>A federated identity credential: another issuer speaks for the application, e.g. the cluster that a workload runs in.</summary>
internal sealed record Federation(string Issuer, string Subject)
{
    public const string Audience = "api://AzureADTokenExchange";
}
