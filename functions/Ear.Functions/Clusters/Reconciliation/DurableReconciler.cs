using Ear.Clusters;
using Ear.Functions.Durable;
using Ear.Nodes;
using Ear.Telemetry;

namespace Ear.Functions.Clusters.Reconciliation;

/// <summary>
/// Starts a cluster's reconciliation, or makes the running one look. The instance may end between any two calls here; what slips
/// through is found by <see cref="WakeUnfinishedClusters"/>, or, where an idle cluster is to stop for its key, told again by the sweep.
/// </summary>
internal sealed class DurableReconciler(ITaskHub hub, EarMeters meters) : IReconciler, IReportListener
{
    public Task WakeAsync(ClusterRef cluster, CancellationToken cancellation)
        => hub.Client.WakeOrStartAsync(meters, nameof(ReconcileCluster), cluster, ReconcileCluster.InstanceOf(cluster), ReconcileCluster.Look, cancellation);

    public async Task ReportedAsync(ClusterRef cluster, CancellationToken cancellation)
    {
        var instance = ReconcileCluster.InstanceOf(cluster);
        var client = hub.Client;
        if (await client.IsAliveAsync(instance, cancellation))
            await client.RaiseEventAsync(instance, ReconcileCluster.NodeReported, cancellation);
    }
}
