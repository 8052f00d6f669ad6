using System.Diagnostics;
using Ear.CustomerKeys;
using Ear.Telemetry;

namespace Ear.Providers.Kms;

/// <summary>A provider whose calls are counted, timed and traced. The key's own identifier is the customer's: it is in no tag.</summary>
internal sealed class MeasuredKey<TKey>(TKey inner, EarMeters meters, TimeProvider time) : ICustomerKey
    where TKey : class, ICustomerKey
{
    private readonly string spanName = $"kms {inner.Provider.AtlasName()} ";

    public KeyProvider Provider => inner.Provider;

    public async Task<KeyCheck> CheckAsync(CustomerKey key, WrappedKey canary, KeyContext context, CancellationToken cancellation)
    {
        var check = await MeasuredAsync("check", () => inner.CheckAsync(key, canary, context, cancellation), c => c.Verdict);
        meters.Checked(Provider, check.Verdict);
        return check;
    }

    public Task<KeyAnswer<WrappedKey>> WrapAsync(CustomerKey key, ReadOnlyMemory<byte> plaintext, KeyContext context, CancellationToken cancellation)
        => MeasuredAsync("wrap", () => inner.WrapAsync(key, plaintext, context, cancellation), a => a.Verdict);

    public Task<KeyAnswer<byte[]>> UnwrapAsync(CustomerKey key, WrappedKey wrapped, KeyContext context, CancellationToken cancellation)
        => MeasuredAsync("unwrap", () => inner.UnwrapAsync(key, wrapped, context, cancellation), a => a.Verdict);

    private async Task<T> MeasuredAsync<T>(string operation, Func<Task<T>> call, Func<T, KeyVerdict> verdictOf)
    {
        using var span = EarTraces.Start(spanName + operation, ActivityKind.Client);
        span?.SetTag(EarMeters.ProviderTag, Provider.AtlasName());
        var began = time.GetTimestamp();
        var outcome = "fault";
        try
        {
            var answer = await call();
            (outcome, var reason) = EarMeters.Words(verdictOf(answer));
            span?.SetTag("reason", reason);
            return answer;
        }
        finally
        {
            // Our caller's cancellation and our own bugs are "fault": neither says anything about the provider.
            span?.SetTag("outcome", outcome);
            meters.KmsCalled(Provider, operation, outcome, time.GetElapsedTime(began));
        }
    }
}
