using System.Collections.Immutable;

namespace Ear.Telemetry;

/// <summary>What the gauges show: read now and then, and kept, so that a scrape never waits for the store. Null: not known yet.</summary>
/// <param name="Sweeps">Null: this process does not look after them.</param>
/// <param name="OutstandingGoals">Nodes, of as many unfinished clusters as are looked at.</param>
/// <param name="OutboxAge">Zero when nothing waits.</param>
public sealed record GaugeReadings(SweepsSeen? Sweeps, int? OutstandingGoals, TimeSpan? OutboxAge)
{
    public static GaugeReadings None { get; } = new(null, null, null);

    /// <summary>When the newest whole copy of the state was begun; null where none is made.</summary>
    public DateTimeOffset? NewestCopy { get; init; }

    /// <summary>By subscription.</summary>
    public ImmutableSortedDictionary<string, long> DeadLetters { get; init; } = ImmutableSortedDictionary<string, long>.Empty;
}

/// <summary>
/// What this process saw of the sweeps, which are everybody's. Nothing of it comes from the process itself: one that has just begun would call a sweep that is
/// hours late a young one, and the least of all processes is what pages somebody.
/// </summary>
/// <param name="Since">When the newest finished sweep began; where none has finished, the oldest that began.</param>
/// <param name="At">When this process looked.</param>
public sealed record SweepsSeen(DateTimeOffset Since, DateTimeOffset At);

/// <summary>One room's part of the readings. Asked every few seconds: a bounded query over an index, never a scan.</summary>
public interface IGaugeSource
{
    Task<GaugeReadings> ReadAsync(GaugeReadings before, CancellationToken cancellation);
}
