using System.Security.Cryptography;
using Azure;
using Azure.Core;
using Azure.Security.KeyVault.Keys;
using Azure.Security.KeyVault.Keys.Cryptography;
using Ear.Providers.Secrets;
using Ear.Providers.Sqlite;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AzureSecrets;

/// <summary>Wraps and unwraps data keys by Ear's own key in Key Vault. Retries and their jitter are Azure.Core's.</summary>
internal sealed class VaultWrapping
{
    private const int IdSize = 12;

    private readonly VaultKey _key;
    private readonly KeyClient _vault;

    public VaultWrapping(IOptions<KeyVaultSecretsOptions> options, TokenCredential credential, KeyClientOptions client)
    {
        _key = VaultKey.TryParse(options.Value.KeyIdentifier, out var key) ? key : throw new ArgumentException("The options were not checked.", nameof(options));
        _vault = new KeyClient(key.Vault, credential, client);
    }

    /// <summary>By the newest version. Opened once before it is given out: nothing may be sealed under what does not open.</summary>
    public async Task<WrappedDataKey> WrapAsync(string id, ReadOnlyMemory<byte> dataKey, DateTimeOffset created, CancellationToken cancellation)
    {
        byte[] bound = [.. Convert.FromHexString(id), .. dataKey.Span];
        try
        {
            var result = await Asked(() => _vault.GetCryptographyClient(_key.Name).WrapKeyAsync(KeyWrapAlgorithm.RsaOaep256, bound, cancellation), "wrap");
            if (_key.VersionIn(result.KeyId) is null)
                throw new StoreException($"The vault {_key.Vault} wrapped with another key than {_key.Name}. Check {KeyVaultSecretsOptions.Section}:KeyIdentifier.");
            var wrapped = new WrappedDataKey(id, result.KeyId, result.EncryptedKey, created);
            CryptographicOperations.ZeroMemory(await UnwrapAsync(wrapped, cancellation));
            return wrapped;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bound);
        }
    }

    /// <exception cref="StoreException">The vault refuses, or it is not the data key of this id.</exception>
    public async Task<byte[]> UnwrapAsync(WrappedDataKey wrapped, CancellationToken cancellation)
    {
        var version = _key.VersionIn(wrapped.KeyIdentifier)
            ?? throw new StoreException($"Data key {wrapped.Id} was wrapped by {wrapped.KeyIdentifier}, and {KeyVaultSecretsOptions.Section}:KeyIdentifier names another key. "
                + "Set it back: secrets under the old key can be read by the old key only.");
        var result = await Asked(() => _vault.GetCryptographyClient(_key.Name, version).UnwrapKeyAsync(KeyWrapAlgorithm.RsaOaep256, wrapped.Wrapped, cancellation), "unwrap");
        var opened = result.Key;
        try
        {
            return opened.Length == IdSize + SealedForm.KeySize && opened.AsSpan(0, IdSize).SequenceEqual(Convert.FromHexString(wrapped.Id))
                ? opened[IdSize..]
                : throw new StoreException($"What the store holds as data key {wrapped.Id} is another one. Restore the store from its backup.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(opened);
        }
    }

    private async Task<T> Asked<T>(Func<Task<T>> call, string what)
    {
        try
        {
            return await call();
        }
        catch (RequestFailedException e)
        {
            // Status and code only: the exception's text quotes the answer's body and headers.
            throw new StoreException($"Ear's own key {_key.Name} in {_key.Vault} did not {what} a data key: {e.Status} {e.ErrorCode}. "
                + "Ear's identity needs the role Key Vault Crypto Service Encryption User on it, the key must be enabled, and the vault reachable from Ear's network.");
        }
    }
}
