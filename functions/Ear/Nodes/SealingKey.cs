using System.Security.Cryptography;
using Ear.Secrets;

namespace Ear.Nodes;

/// <summary>The control plane's P-256 key, to which agents seal new node master keys. Made once and kept among Ear's own secrets; agents ask for it again when what they sealed does not open.</summary>
public sealed class SealingKey(ISecrets secrets)
{
    private const string Name = OwnSecrets.SealingKey;

    /// <summary>base64 SubjectPublicKeyInfo.</summary>
    public async Task<string> PublicKeyAsync(CancellationToken cancellation)
    {
        using var key = await LoadAsync(cancellation);
        return Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
    }

    /// <summary>The caller disposes it.</summary>
    public async Task<ECDiffieHellman> LoadAsync(CancellationToken cancellation)
    {
        var pkcs8 = await secrets.GetOrCreateAsync(Name, Create, cancellation);
        try
        {
            var key = ECDiffieHellman.Create();
            key.ImportPkcs8PrivateKey(pkcs8, out _);
            return key;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }

    private static byte[] Create()
    {
        using var key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKey();
    }
}
