using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Ear.Functions.Validation;

/// <summary>Looks every half minute how long ago the newest sweep was. A look counts for two minutes, wherever the timer runs next.</summary>
public sealed class WatchSweeps(SweepLag lag)
{
    [Function(nameof(WatchSweeps))]
    public Task Run([TimerTrigger("*/30 * * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellation) => lag.LookAsync(client, cancellation);
}
