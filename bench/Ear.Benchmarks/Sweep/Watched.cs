using Ear.CustomerKeys;

namespace Ear.Benchmarks.Sweep;

/// <summary>A provider whose every answer must be a yes: a sweep that was quick because it was not answered is no measurement.</summary>
internal sealed class Watched(ICustomerKey provider) : ICustomerKey
{
    private KeyVerdict? other;

    public KeyProvider Provider => provider.Provider;

    public async Task<KeyCheck> CheckAsync(CustomerKey key, WrappedKey canary, KeyContext context, CancellationToken cancellation)
    {
        var check = await provider.CheckAsync(key, canary, context, cancellation);
        if (check.Verdict is not KeyVerdict.Valid)
            other = check.Verdict;
        return check;
    }

    public Task<KeyAnswer<WrappedKey>> WrapAsync(CustomerKey key, ReadOnlyMemory<byte> plaintext, KeyContext context, CancellationToken cancellation) => provider.WrapAsync(key, plaintext, context, cancellation);

    public Task<KeyAnswer<byte[]>> UnwrapAsync(CustomerKey key, WrappedKey wrapped, KeyContext context, CancellationToken cancellation) => provider.UnwrapAsync(key, wrapped, context, cancellation);

    public void ThrowIfAnyOther()
    {
        if (other is not null)
            throw new InvalidOperationException($"A healthy key was answered {other}.");
    }
}
