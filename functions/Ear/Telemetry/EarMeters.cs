using System.Diagnostics.Metrics;
using Ear.CustomerKeys;

namespace Ear.Telemetry;

/// <summary>
/// Everything that Ear counts and measures, under one meter. Units are in the instruments (UCUM); what each means and what to do about it:
/// docs/operations/telemetry.md. No tag ever names a project, cluster, node or key: their number has no bound, and they are the customer's.
/// Without a listener an instrument costs one comparison.
/// </summary>
public sealed class EarMeters
{
    public const string Name = "Ear";

    /// <summary>Tag: AWS, AZURE, GCP.</summary>
    public const string ProviderTag = "provider";

    /// <summary>How long a look at the sweeps counts, of which there is one each half minute. After that another process has seen more, or nobody looks.</summary>
    public static readonly TimeSpan SweepsCountFor = TimeSpan.FromMinutes(2);

    private readonly TimeProvider time;
    private readonly Counter<long> verdicts;
    private readonly Counter<long> orchestrations;
    private readonly Counter<long> shutDowns;
    private readonly Counter<long> suspensions;
    private readonly Histogram<double> kmsCalls;
    private readonly Histogram<double> sweeps;
    private readonly Instrument[] gauges;
    private GaugeReadings readings = GaugeReadings.None;
    private long readingsAt;

    /// <param name="factory">Null: where nobody listens by the container, as in a test without a host.</param>
    /// <param name="time">Null: the system's.</param>
    public EarMeters(IMeterFactory? factory = null, TimeProvider? time = null)
    {
        this.time = time ?? TimeProvider.System;
        readingsAt = this.time.GetTimestamp();
        var meter = factory?.Create(Name) ?? new Meter(Name);
        verdicts = meter.CreateCounter<long>("ear.verdicts", "{check}", "Checks of customer keys, by what came out.");
        orchestrations = meter.CreateCounter<long>("ear.orchestrations", "{orchestration}", "Orchestrations, by kind and by what became of them.");
        shutDowns = meter.CreateCounter<long>("ear.shut_downs", "{key}", "Keys whose clusters were ordered to stop.");
        suspensions = meter.CreateCounter<long>("ear.shut_downs.suspended", "{sweep}", "Sweeps in which the breaker held back the shut-downs of a provider.");
        kmsCalls = meter.CreateHistogram("ear.kms.call.duration", "s", "Checks, wraps and unwraps, with all their tries and waits.", advice: Seconds(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10));
        sweeps = meter.CreateHistogram("ear.sweep.duration", "s", "Sweeps over all keys, with their second look.", advice: Seconds(1, 5, 15, 30, 60, 75, 90, 120, 300, 600, 900));
        gauges =
        [
            meter.CreateObservableGauge("ear.sweep.lag", SweepLag, "s", "Since the beginning of the newest finished sweep."),
            meter.CreateObservableGauge("ear.node.goals.outstanding", () => Read(r => r.OutstandingGoals), "{node}", "Nodes that have not done what they are told."),
            meter.CreateObservableGauge("ear.outbox.age", () => Read(r => r.OutboxAge?.TotalSeconds), "s", "Of the oldest event that waits to be announced."),
            meter.CreateObservableGauge("ear.state.export.age", () => Read(r => (this.time.GetUtcNow() - r.NewestCopy)?.TotalSeconds), "s", "Since the beginning of the newest whole copy of Ear's own state."),
            meter.CreateObservableGauge("ear.dead_letters", DeadLetters, "{message}", "Messages that a subscriber could not take."),
            meter.CreateObservableGauge("ear.gauges.age", () => this.time.GetElapsedTime(Interlocked.Read(ref readingsAt)).TotalSeconds, "s", "Since the other gauges were read in full."),
        ];
    }

    /// <summary>Somebody listens to a gauge: only then is reading them worth a query.</summary>
    public bool AreGaugesWatched => gauges.Any(g => g.Enabled);

    public void Checked(KeyProvider provider, KeyVerdict verdict)
    {
        if (!verdicts.Enabled)
            return;
        var (word, reason) = Words(verdict);
        verdicts.Add(1, new(ProviderTag, provider.AtlasName()), new("verdict", word), new("reason", reason));
    }

    /// <param name="operation">check, wrap, unwrap.</param>
    /// <param name="outcome">valid, invalid, unknown, or fault where it threw.</param>
    public void KmsCalled(KeyProvider provider, string operation, string outcome, TimeSpan took)
        => kmsCalls.Record(took.TotalSeconds, new(ProviderTag, provider.AtlasName()), new("operation", operation), new("outcome", outcome));

    /// <param name="kind">The orchestrator's name.</param>
    public void Orchestrated(string kind, OrchestrationState state)
        => orchestrations.Add(1, new("kind", kind), new KeyValuePair<string, object?>("state", state switch
        {
            OrchestrationState.Started => "started",
            OrchestrationState.Completed => "completed",
            OrchestrationState.Failed => "failed",
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
        }));

    public void ShutDownOrdered(KeyProvider provider) => shutDowns.Add(1, new KeyValuePair<string, object?>(ProviderTag, provider.AtlasName()));

    public void ShutDownsSuspended(KeyProvider provider) => suspensions.Add(1, new KeyValuePair<string, object?>(ProviderTag, provider.AtlasName()));

    public void Swept(TimeSpan took) => sweeps.Record(took.TotalSeconds);

    /// <summary>What a round over all sources found. One that failed leaves what it said before, and the age goes on growing.</summary>
    public void Show(GaugeReadings round, bool complete)
    {
        readings = round;
        if (complete)
            Interlocked.Exchange(ref readingsAt, time.GetTimestamp());
    }

    /// <summary>Words for a verdict, as tags: of closed lists, and never its text, in which the provider may name the key.</summary>
    public static (string Verdict, string Reason) Words(KeyVerdict verdict) => verdict switch
    {
        KeyVerdict.Valid => ("valid", "none"),
        KeyVerdict.Invalid invalid => ("invalid", invalid.Reason.ToString()),
        KeyVerdict.Unknown unknown => ("unknown", unknown.Reason.ToString()),
        _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict, null),
    };

    private IEnumerable<Measurement<double>> SweepLag()
    {
        var now = time.GetUtcNow();
        return Read(r => r.Sweeps is { } seen && now - seen.At <= SweepsCountFor ? (now - seen.Since).TotalSeconds : null);
    }

    private IEnumerable<Measurement<double>> Read(Func<GaugeReadings, double?> value)
        => value(readings) is { } known ? [new Measurement<double>(known)] : [];

    private IEnumerable<Measurement<long>> DeadLetters()
        => readings.DeadLetters.Select(d => new Measurement<long>(d.Value, new KeyValuePair<string, object?>("subscription", d.Key)));

    private static InstrumentAdvice<double> Seconds(params double[] bounds) => new() { HistogramBucketBoundaries = bounds };
}

public enum OrchestrationState
{
    Started,
    Completed,
    Failed,
}
