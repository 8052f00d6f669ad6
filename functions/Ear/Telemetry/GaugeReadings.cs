using System.Collections.Immutable;

namespace Ear.Telemetry;

/// <summary>What the gauges show: read now and then, and kept, so that a scrape never waits for the store. Null: not known yet.</summary>
/// <param name="LastSweep">When the newest finished sweep began.</param>
/// <param name="OutstandingGoals">Nodes, of as many unfinished clusters as are looked at.</param>
/// <param name="OutboxAge">Zero when nothing waits.</param>
public sealed record GaugeReadings(DateTimeOffset? LastSweep, int? OutstandingGoals, TimeSpan? OutboxAge)
{
    public static GaugeReadings None { get; } = new(null, null, null);

    /// <summary>When the newest whole copy of the state was begun; null where none is made.</summary>
    public DateTimeOffset? NewestCopy { get; init; }

    /// <summary>By subscription.</summary>
    public ImmutableSortedDictionary<string, long> DeadLetters { get; init; } = ImmutableSortedDictionary<string, long>.Empty;
}

/// <summary>One room's part of the readings. Asked every few seconds: a bounded query over an index, never a scan.</summary>
public interface IGaugeSource
{
    Task<GaugeReadings> ReadAsync(GaugeReadings before, CancellationToken cancellation);
}
