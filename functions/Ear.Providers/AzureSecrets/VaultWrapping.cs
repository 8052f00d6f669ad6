using System.Security.Cryptography;
using Azure;
using Azure.Core;
using Azure.Security.KeyVault.Keys;
using Azure.Security.KeyVault.Keys.Cryptography;
using Ear.Providers.Secrets;
using Microsoft.Extensions.Options;
using Microsoft.Identity.Client;

namespace Ear.Providers.AzureSecrets;

/// <summary>Wraps and unwraps data keys by Ear's own key in Key Vault. Retries and their jitter are Azure.Core's.</summary>
internal sealed class VaultWrapping
{
    private const int IdSize = 12;

    private readonly Wrapper _own;
    private readonly IReadOnlyList<Wrapper> _all;

    public VaultWrapping(IOptions<KeyVaultSecretsOptions> options, TokenCredential credential, KeyClientOptions client)
    {
        _own = WrapperOf(options.Value.KeyIdentifier, isOwn: true);
        // A row of the store names the key that unwraps it, and only a name from the settings is followed: whoever writes to the store must not choose Ear's key.
        _all = options.Value.FormerKeyIdentifier is { Length: > 0 } former ? [_own, WrapperOf(former, isOwn: false)] : [_own];

        Wrapper WrapperOf(string identifier, bool isOwn)
            => VaultKey.TryParse(identifier, out var key) ? new(key, new KeyClient(key.Vault, credential, client), isOwn) : throw new ArgumentException("The options were not checked.", nameof(options));
    }

    public bool IsByOwnKey(WrappedDataKey wrapped) => _own.Key.VersionIn(wrapped.KeyIdentifier) is not null;

    /// <summary>By the newest version. Opened once before it is given out: nothing may be sealed under what does not open.</summary>
    public async Task<WrappedDataKey> WrapAsync(string id, ReadOnlyMemory<byte> dataKey, DateTimeOffset created, CancellationToken cancellation)
    {
        byte[] bound = [.. Convert.FromHexString(id), .. dataKey.Span];
        try
        {
            var result = await AskedAsync(_own, v => v.GetCryptographyClient(_own.Key.Name).WrapKeyAsync(KeyWrapAlgorithm.RsaOaep256, bound, cancellation), "wrap", cancellation);
            if (_own.Key.VersionIn(result.KeyId) is null)
                throw new StoreException($"The vault {_own.Key.Vault} wrapped with another key than {_own.Key.Name}. Check {KeyVaultSecretsOptions.Section}:KeyIdentifier.");
            var wrapped = new WrappedDataKey(id, result.KeyId, result.EncryptedKey, created);
            CryptographicOperations.ZeroMemory(await UnwrapAsync(wrapped, cancellation));
            return wrapped;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bound);
        }
    }

    /// <exception cref="StoreException">Around a <see cref="CryptographicException"/>: what is wrapped does not open, whoever asks. Around a <see cref="VaultAwayException"/>: nobody answered.</exception>
    public async Task<byte[]> UnwrapAsync(WrappedDataKey wrapped, CancellationToken cancellation)
    {
        var (by, version) = _all.Select(w => (By: w, Version: w.Key.VersionIn(wrapped.KeyIdentifier))).FirstOrDefault(w => w.Version is not null);
        if (by is null || version is null)
        {
            throw new StoreException(
                $"Data key {wrapped.Id} was wrapped by {wrapped.KeyIdentifier}, and neither {KeyVaultSecretsOptions.Section}:KeyIdentifier nor FormerKeyIdentifier names that key. "
                + "Name it in FormerKeyIdentifier as long as it is there: secrets under it can be read by it only.", new CryptographicException("The key is another one."));
        }
        var result = await AskedAsync(by, v => v.GetCryptographyClient(by.Key.Name, version).UnwrapKeyAsync(KeyWrapAlgorithm.RsaOaep256, wrapped.Wrapped, cancellation), "unwrap", cancellation);
        var opened = result.Key;
        try
        {
            return opened.Length == IdSize + SealedForm.KeySize && opened.AsSpan(0, IdSize).SequenceEqual(Convert.FromHexString(wrapped.Id))
                ? opened[IdSize..]
                : throw new StoreException($"What the store holds as data key {wrapped.Id} is another one. Restore the store from its backup.", new CryptographicException("The key is another one."));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(opened);
        }
    }

    /// <summary>Whatever keeps the vault from answering, an identity of Ear's own without a token among it, leaves here in one form, with nothing of the exception in or below it.</summary>
    private static async Task<T> AskedAsync<T>(Wrapper by, Func<KeyClient, Task<T>> call, string what, CancellationToken cancellation)
    {
        try
        {
            return await call(by.Vault);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            var (told, isAnswer) = Told(e);
            throw new StoreException(
                $"Ear's own key {by.Key.Name} in {by.Key.Vault} did not {what} a data key: {told}. "
                + "Ear's identity needs the role Key Vault Crypto Service Encryption User on it, the key must be enabled, and the vault reachable from Ear's network.",
                told.StartsWith("400", StringComparison.Ordinal) ? new CryptographicException("The vault takes it for nothing that its key has wrapped.") : isAnswer ? null : new VaultAwayException(by.IsOwn));
        }
    }

    /// <summary>Status and code only: the exceptions' texts quote answers' bodies and headers.</summary>
    private static (string Text, bool IsAnswer) Told(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is RequestFailedException { Status: > 0 } answer)
                return ($"{answer.Status} {answer.ErrorCode}", answer.Status is < 500 and not (401 or 408 or 429));
            if (e is MsalServiceException token)
                return ($"its identity gets no token, {token.StatusCode} {token.ErrorCode}", false);
        }
        return ($"no answer ({exception.GetType().Name})", false);
    }

    private sealed record Wrapper(VaultKey Key, KeyClient Vault, bool IsOwn);
}

/// <summary>Below a <see cref="StoreException"/>: nothing was refused, there is just nobody who answers.</summary>
internal sealed class VaultAwayException(bool isOwn) : Exception("The vault does not answer.")
{
    /// <summary>It is the vault that wraps, and not one of before.</summary>
    public bool IsOwn => isOwn;
}
