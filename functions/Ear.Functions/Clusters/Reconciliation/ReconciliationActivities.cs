using Ear.Clusters;
using Ear.Nodes;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Ear.Functions.Clusters.Reconciliation;

/// <summary>A move that was planned for a cluster. Ids and names only: it stays in the history.</summary>
public sealed record MoveOrder(ClusterRef Cluster, Move Move);

/// <summary>What <see cref="ReconcileCluster"/> does. Each may run again after its answer was lost: see <see cref="ClusterMoves"/>.</summary>
public sealed class ReconciliationActivities(ClusterReconciliation reconciliation, ClusterMoves moves, ClusterLook look, ILogger<ReconciliationActivities> logger)
{
    [Function(nameof(PlanNextMove))]
    public async Task<NextMove> PlanNextMove([ActivityTrigger] ClusterRef cluster, CancellationToken cancellation)
    {
        var move = await reconciliation.PlanAsync(cluster, cancellation);
        Log.Planned(logger, cluster.Name.Value, cluster.ProjectId.Value, move);
        return new(move);
    }

    [Function(nameof(CarryOutMove))]
    public async Task<bool> CarryOutMove([ActivityTrigger] MoveOrder order, CancellationToken cancellation)
    {
        var carriedOut = await moves.CarryOutAsync(order.Cluster, order.Move, cancellation);
        if (carriedOut)
            Log.CarriedOut(logger, order.Cluster.Name.Value, order.Cluster.ProjectId.Value, order.Move);
        return carriedOut;
    }

    [Function(nameof(StopAllButPrimary))]
    public Task<bool> StopAllButPrimary([ActivityTrigger] MoveOrder order, CancellationToken cancellation)
        => moves.StopAsync(order.Cluster, (Move.StopProcesses)order.Move, sparePrimary: true, cancellation);

    /// <summary>Members whose agent is not heard are not waited for.</summary>
    [Function(nameof(AreSecondariesDown))]
    public async Task<bool> AreSecondariesDown([ActivityTrigger] ClusterRef cluster, CancellationToken cancellation)
        => await look.LookAsync(cluster, cancellation) is not { } situation
            || situation.View.Nodes.All(n => n.OrderedRunning || !n.IsUp || n.Role is MemberRole.Primary);
}
