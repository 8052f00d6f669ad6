using System.Security.Cryptography;
using Ear.Agent.Settings;
using Ear.Agent.Storage;
using Ear.Nodes;

namespace Ear.Agent.ControlPlane;

/// <summary>The node's P-256 key: it signs requests and opens sealed keys. It never leaves the data folder.</summary>
internal sealed class NodeIdentity : IDisposable
{
    private readonly AgentSettings settings;
    private readonly ECDsa signing;
    private readonly ECDiffieHellman opening;

    private NodeIdentity(AgentSettings settings, ECDsa signing)
    {
        this.settings = settings;
        this.signing = signing;
        var parameters = signing.ExportParameters(includePrivateParameters: true);
        opening = ECDiffieHellman.Create(parameters);
        CryptographicOperations.ZeroMemory(parameters.D);
        PublicKey = Convert.ToBase64String(signing.ExportSubjectPublicKeyInfo());
    }

    /// <summary>base64 SubjectPublicKeyInfo.</summary>
    public string PublicKey { get; }

    /// <summary>The key is on disk before it is used: an enrolment whose answer is lost is repeated with the same key.</summary>
    public static NodeIdentity LoadOrCreate(AgentFolder folder, AgentSettings settings)
    {
        if (!File.Exists(folder.NodeKey))
        {
            using var fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            PrivateFile.Write(folder.NodeKey, fresh.ExportPkcs8PrivateKeyPem());
        }

        var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(folder.NodeKey));
        return new NodeIdentity(settings, key);
    }

    public string Sign(string path, ReadOnlySpan<byte> body, DateTimeOffset now, byte[] nonce) =>
        AgentSignature.Sign(signing, settings.ProjectId, settings.NodeId, "POST", path, body, now, nonce);

    /// <summary>The caller zeroes the result.</summary>
    public byte[] Open(string box, string keyId) => SealedBox.Open(box, opening, AgentApi.KeyPurpose(settings.NodeId, keyId));

    public string Seal(ReadOnlySpan<byte> key, string recipient, string keyId)
    {
        var publicKey = SealedBox.ImportPublicKey(recipient);
        return SealedBox.Seal(key, publicKey, AgentApi.KeyPurpose(settings.NodeId, keyId));
    }

    public void Dispose()
    {
        signing.Dispose();
        opening.Dispose();
    }
}
