using Ear.Alerts;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.Alerts;

/// <summary>
/// Empties the outbox every 5 s, also where no host runs all the time. A host that does empties it faster (the announcer's own pump);
/// both at once only repeat each other under the same message ids (I8).
/// </summary>
public sealed class PublishOutbox(IOutbox outbox, IAnnouncer announcer)
{
    private const int Batch = 256;
    private const int MaxBatches = 100;

    /// <summary>Announce, then mark: if we die in between, the same events are announced again.</summary>
    [Function(nameof(PublishOutbox))]
    public async Task Run([TimerTrigger("*/5 * * * * *", UseMonitor = false)] TimerInfo timer, CancellationToken cancellation)
    {
        for (var batch = 0; batch < MaxBatches; batch++)
        {
            var pending = await outbox.PendingAsync(Batch, cancellation);
            if (pending.Count == 0)
                return;
            await announcer.AnnounceAsync(pending, cancellation);
            await outbox.MarkAnnouncedAsync(pending, cancellation);
        }
    }
}
