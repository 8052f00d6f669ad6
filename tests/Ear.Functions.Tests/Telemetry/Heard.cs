using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Ear.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Functions.Tests.Telemetry;

/// <summary>One measurement, with its tags as <c>name=value</c>.</summary>
internal sealed record Measured(string Instrument, double Value, string Tags);

/// <summary>Listens to the meter of one host.</summary>
internal sealed class Heard : IDisposable
{
    private readonly ConcurrentQueue<Measured> measured = [];
    private readonly MeterListener listener = new();

    public Heard(IServiceProvider host)
    {
        var scope = host.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == EarMeters.Name && instrument.Meter.Scope == scope)
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Add(i, value, tags));
        listener.SetMeasurementEventCallback<int>((i, value, tags, _) => Add(i, value, tags));
        listener.SetMeasurementEventCallback<double>((i, value, tags, _) => Add(i, value, tags));
        listener.Start();
    }

    public IReadOnlyCollection<Measured> All => measured;

    public IEnumerable<Measured> Of(string instrument) => measured.Where(m => m.Instrument == instrument);

    /// <summary>Sums of a counter, by its tags.</summary>
    public double[] Totals(string counter, params string[] tags) => [.. tags.Select(t => Of(counter).Where(m => m.Tags == t).Sum(m => m.Value))];

    public IReadOnlyList<Measured> Scrape()
    {
        var before = measured.Count;
        listener.RecordObservableInstruments();
        return [.. measured.Skip(before).Where(m => m.Instrument is not "ear.orchestrations")];
    }

    public void Dispose() => listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var words = new List<string>();
        foreach (var (name, word) in tags)
            words.Add($"{name}={word}");
        measured.Enqueue(new(instrument.Name, value, string.Join(' ', words)));
    }
}

/// <summary>Collects Ear's spans of one trace, or of all.</summary>
internal sealed class Spans : IDisposable
{
    private readonly ConcurrentQueue<Activity> ended = [];
    private readonly ActivityListener listener;

    public Spans()
    {
        listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == EarTraces.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
    }

    public IReadOnlyCollection<Activity> All => ended;

    public IReadOnlyList<Activity> Of(ActivityTraceId trace) => [.. ended.Where(a => a.TraceId == trace)];

    public void Dispose() => listener.Dispose();
}
