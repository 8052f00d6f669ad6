using Ear.Secrets;

namespace Ear.Functions.Http.Access;

/// <summary>The keys that sign Digest nonces and access tokens, and from which the ids of repeatable requests follow: made once for the whole system, so that every instance takes what another one gave.</summary>
public sealed class DoorKeys(ISecrets secrets, IIds ids)
{
    private const int KeyBytes = 32;
    private byte[]? nonceKey;
    private byte[]? tokenKey;
    private byte[]? intentKey;

    public async ValueTask<byte[]> NonceKeyAsync(CancellationToken cancellation)
        => nonceKey ??= await secrets.GetOrCreateAsync(OwnSecrets.NonceKey, () => ids.Secret(KeyBytes), cancellation);

    public async ValueTask<byte[]> TokenKeyAsync(CancellationToken cancellation)
        => tokenKey ??= await secrets.GetOrCreateAsync(OwnSecrets.TokenKey, () => ids.Secret(KeyBytes), cancellation);

    public async ValueTask<byte[]> IntentKeyAsync(CancellationToken cancellation)
        => intentKey ??= await secrets.GetOrCreateAsync(OwnSecrets.IntentKey, () => ids.Secret(KeyBytes), cancellation);
}
