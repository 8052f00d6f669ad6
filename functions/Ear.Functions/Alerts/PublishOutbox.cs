using Ear.Alerts;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.Alerts;

/// <summary>Empties the outbox every 5 s, also where no host runs all the time. A host that does empties it faster (the announcer's own pump).</summary>
public sealed class PublishOutbox(OutboxDrain drain)
{
    private const int Batch = 256;
    private const int MaxBatches = 100;

    [Function(nameof(PublishOutbox))]
    public Task Run([TimerTrigger("*/5 * * * * *", UseMonitor = false)] TimerInfo timer, CancellationToken cancellation)
        => drain.DrainAsync(Batch, MaxBatches, cancellation);
}
