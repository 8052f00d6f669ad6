using Ear.Alerts;
using Ear.Telemetry;

namespace Ear.Functions.Alerts;

/// <summary>How long the oldest event waits. The outbox is in order within a project only: the oldest of the first few is close enough, and grows in any case.</summary>
internal sealed class OutboxAge(IOutbox outbox, TimeProvider time) : IGaugeSource
{
    private const int First = 32;

    public async Task<GaugeReadings> ReadAsync(GaugeReadings before, CancellationToken cancellation)
    {
        var waiting = await outbox.PendingAsync(First, cancellation);
        var age = waiting.Count == 0 ? TimeSpan.Zero : time.GetUtcNow() - waiting.Min(e => e.Event.Created);
        // Another machine's clock may be ahead of ours.
        return before with { OutboxAge = age < TimeSpan.Zero ? TimeSpan.Zero : age };
    }
}
