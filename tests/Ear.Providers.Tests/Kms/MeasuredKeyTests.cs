using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Ear.CustomerKeys;
using Ear.Providers.Kms;
using Ear.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Providers.Tests.Kms;

public sealed class MeasuredKeyTests : IDisposable
{
    private static readonly CustomerKey Arn = new CustomerKey.Aws("arn:aws:kms:us-east-1:111122223333:key/orders", "us-east-1", new AwsAccess.Role("arn:aws:iam::111122223333:role/orders", "external-1"));
    private static readonly WrappedKey Canary = new(KeyProvider.Aws, "arn:aws:kms:us-east-1:111122223333:key/orders", "1", "digest", [1]);

    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener meters = new();
    private readonly ConcurrentQueue<string> measured = [];
    private readonly ConcurrentQueue<Activity> spans = [];
    private readonly ActivityListener listener;
    private readonly FakeTimeProvider time = new();
    private readonly Scripted inner;
    private readonly MeasuredKey<Scripted> key;

    public MeasuredKeyTests()
    {
        var factory = services.GetRequiredService<IMeterFactory>();
        meters.InstrumentPublished = (i, l) =>
        {
            if (i.Meter.Scope == factory)
                l.EnableMeasurementEvents(i);
        };
        meters.SetMeasurementEventCallback<long>((i, value, tags, _) => measured.Enqueue($"{i.Name} {value} {Words(tags)}"));
        meters.SetMeasurementEventCallback<double>((i, value, tags, _) => measured.Enqueue($"{i.Name} {value} {Words(tags)}"));
        meters.Start();
        listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == EarTraces.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        inner = new Scripted(time);
        key = new(inner, new EarMeters(factory, time), time);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_check_is_counted_timed_and_traced_without_a_word_of_the_key()
    {
        using var root = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();
        inner.Verdict = new KeyVerdict.Invalid(InvalidReason.KeyDisabled, "arn:aws:kms:us-east-1:111122223333:key/orders is disabled");

        Assert.Same(inner.Verdict, (await key.CheckAsync(Arn, Canary, KeyContext.ForCanary("0123456789abcdef01234567"), Stop)).Verdict);

        Assert.Equal(["ear.kms.call.duration 0.25 provider=AWS operation=check outcome=invalid", "ear.verdicts 1 provider=AWS verdict=invalid reason=KeyDisabled"], measured);
        var span = Assert.Single(spans, s => s.TraceId == root.TraceId);
        Assert.Equal(("kms AWS check", ActivityKind.Client), (span.OperationName, span.Kind));
        Assert.Equal(["outcome=invalid", "provider=AWS", "reason=KeyDisabled"], span.TagObjects.Select(t => $"{t.Key}={t.Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_given_up_is_a_fault_and_no_verdict()
    {
        inner.Verdict = null;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => key.CheckAsync(Arn, Canary, KeyContext.ForCanary("0123456789abcdef01234567"), Stop));
        Assert.Equal(["ear.kms.call.duration 0.25 provider=AWS operation=check outcome=fault"], measured);
    }

    public void Dispose()
    {
        listener.Dispose();
        meters.Dispose();
        services.Dispose();
    }

    private static string Words(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var words = new List<string>();
        foreach (var (name, value) in tags)
            words.Add($"{name}={value}");
        return string.Join(' ', words);
    }

    /// <summary>Takes a quarter of a second; null: its caller gives up.</summary>
    private sealed class Scripted(FakeTimeProvider time) : ICustomerKey
    {
        public KeyVerdict? Verdict { get; set; } = new KeyVerdict.Valid();

        public KeyProvider Provider => KeyProvider.Aws;

        public Task<KeyCheck> CheckAsync(CustomerKey key, WrappedKey canary, KeyContext context, CancellationToken cancellation)
        {
            time.Advance(TimeSpan.FromMilliseconds(250));
            return Task.FromResult(new KeyCheck(Verdict ?? throw new OperationCanceledException(), KeyFacts.None));
        }

        public Task<KeyAnswer<WrappedKey>> WrapAsync(CustomerKey key, ReadOnlyMemory<byte> plaintext, KeyContext context, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<KeyAnswer<byte[]>> UnwrapAsync(CustomerKey key, WrappedKey wrapped, KeyContext context, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
