using System.Text.Json.Nodes;
using Ear.Clusters.Specs;
using Ear.Outcomes;

namespace Ear.Clusters;

/// <summary>When a cluster may be paused and resumed (R35, R90). Pure.</summary>
public static class ClusterPauses
{
    /// <summary>Then it resumes by itself.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <summary>How long it must run between a resumption and the next pause.</summary>
    public static readonly TimeSpan RunsAtLeast = TimeSpan.FromMinutes(60);

    /// <param name="wish">A changed one, or one that asks for a pause.</param>
    /// <returns>The cluster with its pause begun or ended as the wish says; or why not. A wish that leaves pausing alone is left alone.</returns>
    public static Outcome<Cluster> With(Cluster cluster, ClusterSpec wish, DateTimeOffset now)
    {
        var name = cluster.Name.Value;
        if (cluster.Spec.IsPaused)
        {
            if (!DiffersOnlyInPause(cluster.Spec, wish))
                return new Problem.CannotUpdatePausedCluster(name);
            return wish.IsPaused ? new Problem.ClusterAlreadyPaused(name) : cluster with { PausedSince = null, ResumedAt = now };
        }
        if (!wish.IsPaused)
            return cluster;
        if (!DiffersOnlyInPause(cluster.Spec, wish))
            return new Problem.CannotUpdateAndPauseCluster(name);
        if (cluster.IsPending || cluster.State is not ClusterState.Idle || cluster.DisabledSince is not null)
            return new Problem.CannotPauseWithPendingChanges(name);
        if (InstanceSizes.IsNvme(wish.InstanceSize))
            return new Problem.CannotPauseNvmeCluster(name, wish.InstanceSize);
        return cluster.ResumedAt + RunsAtLeast is { } until && until > now ? new Problem.CannotPauseRecentlyResumed(name, until) : cluster with { PausedSince = now };
    }

    /// <summary>The cluster resumed by itself, as a newer wish; null while its pause may go on.</summary>
    public static Cluster? Ended(Cluster cluster, DateTimeOffset now)
    {
        if (cluster.DeletionRequested || !(cluster.PausedSince + Longest <= now))
            return null;
        var described = cluster.Spec.Described.DeepClone().AsObject();
        described["paused"] = false;
        return cluster with
        {
            Spec = cluster.Spec with { Described = described },
            Generation = cluster.Generation + 1,
            State = ClusterState.Updating,
            PausedSince = null,
            ResumedAt = now,
        };
    }

    private static bool DiffersOnlyInPause(ClusterSpec one, ClusterSpec other)
    {
        var (a, b) = (one.Described.DeepClone().AsObject(), other.Described.DeepClone().AsObject());
        a.Remove("paused");
        b.Remove("paused");
        return one.EncryptionAtRestProvider == other.EncryptionAtRestProvider && JsonNode.DeepEquals(a, b);
    }
}
