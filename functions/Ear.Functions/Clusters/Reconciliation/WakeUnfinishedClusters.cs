using Ear.Clusters;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Clusters.Reconciliation;

/// <summary>Each minute: a lost wake-up delays a cluster, and never strands it.</summary>
public sealed class WakeUnfinishedClusters(IUnfinishedClusters unfinished, IReconciler reconciler, IOptions<ReconciliationOptions> options)
{
    [Function(nameof(WakeUnfinishedClusters))]
    public async Task Run([TimerTrigger("0 * * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellation)
    {
        foreach (var cluster in await unfinished.ListAsync(options.Value.WokenPerMinute, cancellation))
            await reconciler.WakeAsync(cluster, cancellation);
    }
}
