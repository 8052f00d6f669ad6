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
        => nonceKey ??= await secrets.GetOrCreateAsync("http/digest-nonce-key", () => ids.Secret(KeyBytes), cancellation);

    public async ValueTask<byte[]> TokenKeyAsync(CancellationToken cancellation)
        => tokenKey ??= await secrets.GetOrCreateAsync("http/access-token-key", () => ids.Secret(KeyBytes), cancellation);

    public async ValueTask<byte[]> IntentKeyAsync(CancellationToken cancellation)
        => intentKey ??= await secrets.GetOrCreateAsync("http/intent-key", () => ids.Secret(KeyBytes), cancellation);
}
