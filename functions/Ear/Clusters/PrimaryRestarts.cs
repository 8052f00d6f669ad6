using Ear.Alerts;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.Clusters;

/// <summary>
/// Tests a failover (R92): records that the primary is to be it no more, and wakes the reconciliation, which makes it step down. Only
/// a set that is well and has nothing else to do is tested.
/// </summary>
public sealed class PrimaryRestarts(ClusterLook look, IClusters clusters, IReconciler reconciler, EventFactory events)
{
    public async Task<Outcome<Cluster>> AskAsync(Project project, Caller caller, Cluster cluster, CancellationToken cancellation)
    {
        if (await look.LookAsync(cluster.Ref, cancellation) is not { } situation)
            return new Problem.ClusterNotFound(cluster.Name.Value, project.Id.Value);
        var (current, version) = situation.Cluster;
        if (Refused(current, situation.View) is { } refused)
            return refused;
        var asked = current with { PrimaryToRestart = situation.View.Primary!.Id, Generation = current.Generation + 1, State = ClusterState.Updating };
        if (!(await clusters.SaveAsync(asked, version, [events.Make(asked, "TEST_FAILOVER_REQUESTED", caller.Name)], cancellation)).Saved)
            return new Problem.Conflict($"Cluster {cluster.Name}");
        await reconciler.WakeAsync(asked.Ref, cancellation);
        return asked;
    }

    private static Problem? Refused(Cluster cluster, ClusterView view)
    {
        var name = cluster.Name.Value;
        if (cluster.PrimaryToRestart is not null)
            return new Problem.ClusterRestartInProgress(name);
        if (cluster.IsPending || cluster.State is not ClusterState.Idle)
            return new Problem.ClusterRestartInvalid(name, "it has changes that are not carried out yet");
        if (view.Paused)
            return new Problem.ClusterRestartInvalid(name, "it is paused");
        if (view.Primary is not { } primary)
            return new Problem.ClusterRestartInvalid(name, "the set has no primary");
        if (view.Nodes.FirstOrDefault(n => n.IsMember && !n.HasDiskToSpare) is { } full)
            return new Problem.ClusterRestartInvalid(name, $"less than 5 % of the disk of {full.Name} is free");
        return ResyncGate.Closed(view, primary, wipes: false) is { } reason ? new Problem.ClusterRestartInvalid(name, reason) : null;
    }
}
