using Ear.Clusters;
using Ear.Functions.Durable;
using Ear.Nodes;
using Microsoft.DurableTask.Client;

namespace Ear.Functions.Clusters.Reconciliation;

/// <summary>
/// Starts a cluster's reconciliation, or makes the running one look. The instance may end between any two calls here; what slips
/// through is found by <see cref="WakeUnfinishedClusters"/>.
/// </summary>
internal sealed class DurableReconciler(DurableTaskClient client) : IReconciler, IReportListener
{
    private const int MaxTries = 3;

    public async Task WakeAsync(ClusterRef cluster, CancellationToken cancellation)
    {
        var instance = ReconcileCluster.InstanceOf(cluster);
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await client.IsAliveAsync(instance, cancellation))
            {
                await client.RaiseEventAsync(instance, ReconcileCluster.Look, cancellation);
                // It may have ended while it was told; then nobody has heard.
                if (await client.IsAliveAsync(instance, cancellation))
                    return;
            }
            if (await client.StartUnlessAliveAsync(nameof(ReconcileCluster), cluster, instance, cancellation))
                return;
        }
    }

    public async Task ReportedAsync(ClusterRef cluster, CancellationToken cancellation)
    {
        var instance = ReconcileCluster.InstanceOf(cluster);
        if (await client.IsAliveAsync(instance, cancellation))
            await client.RaiseEventAsync(instance, ReconcileCluster.NodeReported, cancellation);
    }
}
