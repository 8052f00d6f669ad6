using Ear.Alerts;

namespace Ear.Clusters;

/// <summary>Looks at a cluster, writes down what is new, and says what to do next.</summary>
public sealed class ClusterReconciliation(ClusterLook look, NodeNotes notes, IClusters clusters)
{
    private const int MaxTries = 16;

    /// <summary>Idempotent: a look at an unchanged world writes nothing.</summary>
    public async Task<Move> PlanAsync(ClusterRef cluster, CancellationToken cancellation)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await look.LookAsync(cluster, cancellation) is not { } situation)
                return new Move.Done();
            if (ClusterPauses.Ended(situation.Cluster.Document, situation.Now) is { } resumed)
            {
                await clusters.SaveAsync(resumed, situation.Cluster.Version, [CausedEvents.Of(resumed, "CLUSTER_UPDATE_SUBMITTED", $"resumed/{resumed.Generation}", situation.Now)], cancellation);
                continue;
            }
            if (await notes.TakeAsync(situation, cancellation))
                continue;
            var move = ClusterPlanner.Next(situation.View);
            if (await SaveAsync(situation, move, cancellation))
                return move;
        }
        return new Move.Wait(ClusterPlanner.Soon, "Others are changing the cluster at the same moment.");
    }

    private async Task<bool> SaveAsync(ClusterSituation situation, Move move, CancellationToken cancellation)
    {
        var (cluster, version) = situation.Cluster;
        if (move is Move.Done && cluster.DeletionRequested)
            return (await clusters.DeleteAsync(cluster, version, [CausedEvents.Of(cluster, "CLUSTER_DELETED", "deleted", situation.Now)], cancellation)).Saved;
        var progress = ClusterProgress.After(cluster, situation.View, move, situation.Now);
        return progress.Cluster == cluster || (await clusters.SaveAsync(progress.Cluster, version, progress.Events, cancellation)).Saved;
    }
}
