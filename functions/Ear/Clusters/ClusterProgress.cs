using Ear.Alerts;

namespace Ear.Clusters;

/// <summary>What a look changes in the cluster's own document, and the events that tell of it (R98): the one place that assigns state.</summary>
public sealed record ClusterProgress(Cluster Cluster, IReadOnlyList<ProjectEvent> Events)
{
    /// <summary>Pure. Saved in one write with its events, so that each is announced once however often a look is repeated.</summary>
    public static ClusterProgress After(Cluster cluster, ClusterView view, Move move, DateTimeOffset now)
    {
        var events = new List<ProjectEvent>();
        var next = cluster;
        next = FailedOver(next, view);
        next = Begun(next, move, now, events);
        next = Disabled(next, view, now, events);
        next = move is Move.Done && !cluster.DeletionRequested ? Finished(next, now, events) : next;
        return new(next, events);
    }

    // Done once: whoever leads later, and be it the same member again, was not asked to go.
    private static Cluster FailedOver(Cluster cluster, ClusterView view)
        => view.Primary is { } primary && cluster.PrimaryToRestart is { } asked && primary.Id != asked ? cluster with { PrimaryToRestart = null } : cluster;

    // CREATING stays until the first Done. A wish that waits (for a key, C7) makes UPDATING, and its start is told when its first move is made.
    private static Cluster Begun(Cluster cluster, Move move, DateTimeOffset now, List<ProjectEvent> events)
    {
        if (cluster.DeletionRequested)
            return cluster with { State = ClusterState.Deleting };
        if (cluster.IsPending && cluster.State is ClusterState.Idle)
            cluster = cluster with { State = ClusterState.Updating };
        if (move is Move.Wait or Move.Done or Move.StopProcesses)
            return cluster;
        if (cluster.StartedGeneration < cluster.Generation)
        {
            // A first wish was announced as CLUSTER_CREATED by the door that took it.
            if (cluster.AchievedGeneration > 0)
                events.Add(CausedEvents.Of(cluster, "CLUSTER_UPDATE_STARTED", $"{cluster.Generation}", now));
            cluster = cluster with { StartedGeneration = cluster.Generation };
        }
        if (move is Move.ResyncNode && cluster.RollingResync is null)
        {
            cluster = cluster with { RollingResync = cluster.Generation };
            events.Add(CausedEvents.Of(cluster, "CLUSTER_ROLLING_RESYNC_STARTED", $"{cluster.Generation}", now));
        }
        return cluster;
    }

    // Disabled: every process is down for the key. Enabled again: a primary and a majority serve.
    private static Cluster Disabled(Cluster cluster, ClusterView view, DateTimeOffset now, List<ProjectEvent> events)
    {
        if (cluster.DeletionRequested || view.Paused)
            return cluster;
        if (view.Key is KeyView.Invalid)
        {
            if (cluster.DisabledSince is not null || view.Nodes.IsEmpty || view.Nodes.Any(n => n.OrderedRunning || n.IsUp))
                return cluster;
            events.Add(CausedEvents.Of(cluster, "CLUSTER_INSTANCE_DISABLED", $"{now.UtcTicks}", now));
            return cluster with { DisabledSince = now };
        }
        if (cluster.DisabledSince is not { } since || view.Nodes.Any(n => !n.OrderedRunning) || view.Primary is null || view.Nodes.Count(n => n.IsServing) < view.Majority)
            return cluster;
        events.Add(CausedEvents.Of(cluster, "CLUSTER_INSTANCE_ENABLED", $"{since.UtcTicks}", now));
        return cluster with { DisabledSince = null };
    }

    private static Cluster Finished(Cluster cluster, DateTimeOffset now, List<ProjectEvent> events)
    {
        if (cluster.RollingResync is { } resync)
            events.Add(CausedEvents.Of(cluster, "CLUSTER_ROLLING_RESYNC_COMPLETED", $"{resync}", now));
        if (cluster.AchievedGeneration is 0)
            events.Add(CausedEvents.Of(cluster, "CLUSTER_READY", "ready", now));
        else if (cluster.IsPending)
            events.Add(CausedEvents.Of(cluster, "CLUSTER_UPDATE_COMPLETED", $"{cluster.Generation}", now));
        return cluster with { State = ClusterState.Idle, AchievedGeneration = cluster.Generation, StartedGeneration = cluster.Generation, RollingResync = null, PrimaryToRestart = null };
    }
}
