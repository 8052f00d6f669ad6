#nullable disable

namespace Azure.Security.KeyVault.Keys.Cryptography;

/// <summary>
/// Wraps and unwraps with one key. This one always asks the service; the official one first GETs the key and then wraps with its public part by itself,
/// unless that GET is refused: whoever must not wrap without the service has to refuse it.
/// </summary>
public class CryptographyClient
{
    private readonly KeyVaultPipeline _pipeline;
    private readonly string _name;
    private readonly string _version;

    internal CryptographyClient(KeyVaultPipeline pipeline, string name, string version) => (_pipeline, _name, _version) = (pipeline, name, version);

    public virtual async Task<WrapResult> WrapKeyAsync(KeyWrapAlgorithm algorithm, byte[] key, CancellationToken cancellationToken = default)
    {
        var (keyId, value) = await CallAsync("wrapkey", algorithm, key, cancellationToken).ConfigureAwait(false);
        return new WrapResult { KeyId = keyId, EncryptedKey = value };
    }

    public virtual async Task<UnwrapResult> UnwrapKeyAsync(KeyWrapAlgorithm algorithm, byte[] encryptedKey, CancellationToken cancellationToken = default)
    {
        var (keyId, value) = await CallAsync("unwrapkey", algorithm, encryptedKey, cancellationToken).ConfigureAwait(false);
        return new UnwrapResult { KeyId = keyId, Key = value };
    }

    private async Task<(string KeyId, byte[] Value)> CallAsync(string operation, KeyWrapAlgorithm algorithm, byte[] value, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(value);
        return (await _pipeline.PostAsync(["keys", _name, _version, operation], KeyVaultJson.Operation(algorithm, value), KeyVaultJson.Result, cancellationToken)
            .ConfigureAwait(false)).Value;
    }
}
