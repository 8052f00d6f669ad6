// As in the official package: no nullability marks.
#nullable disable

using Azure.Core;
using Azure.Security.KeyVault.Keys.Cryptography;

namespace Azure.Security.KeyVault.Keys;

/// <summary>Reads keys of one vault.</summary>
public class KeyClient
{
    private readonly KeyVaultPipeline _pipeline;

    public KeyClient(Uri vaultUri, TokenCredential credential, KeyClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(vaultUri);
        ArgumentNullException.ThrowIfNull(credential);
        _pipeline = new KeyVaultPipeline(vaultUri, credential, options ?? new KeyClientOptions());
    }

    public virtual Uri VaultUri => _pipeline.VaultUri;

    /// <param name="version">Null: the key's current version.</param>
    public virtual Task<Response<KeyVaultKey>> GetKeyAsync(string name, string version = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return _pipeline.GetAsync(["keys", name, version], KeyVaultJson.Key, cancellationToken);
    }

    /// <summary>A key that was deleted and can still be recovered.</summary>
    public virtual Task<Response<DeletedKey>> GetDeletedKeyAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return _pipeline.GetAsync(["deletedkeys", name], KeyVaultJson.DeletedKey, cancellationToken);
    }

    public virtual Task<Response<KeyRotationPolicy>> GetKeyRotationPolicyAsync(string keyName, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(keyName);
        return _pipeline.GetAsync(["keys", keyName, "rotationpolicy"], KeyVaultJson.RotationPolicy, cancellationToken);
    }

    /// <summary>A client that shares this one's pipeline, policies and token.</summary>
    public virtual CryptographyClient GetCryptographyClient(string keyName, string keyVersion = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(keyName);
        return new CryptographyClient(_pipeline, keyName, keyVersion);
    }
}
