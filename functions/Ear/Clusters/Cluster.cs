using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Ear.Clusters.Specs;
using Ear.CustomerKeys;
using Ear.Projects;

namespace Ear.Clusters;

/// <summary>
/// A cluster: what is wanted (<see cref="Spec"/> under a growing <see cref="Generation"/>) and how far the world has come
/// (<see cref="AchievedGeneration"/>, <see cref="State"/>). A PATCH only changes the wish; the reconciliation does the rest.
/// </summary>
public sealed record Cluster(ClusterId Id, ProjectId ProjectId, ClusterName Name, DateTimeOffset Created, ClusterSpec Spec)
{
    /// <summary>Grows by one with every accepted wish; starts at 1.</summary>
    public long Generation { get; init; } = 1;

    /// <summary>The newest wish that is carried out in full; 0 until the cluster first came up. Lower than <see cref="Generation"/>: status PENDING.</summary>
    public long AchievedGeneration { get; init; }

    /// <summary>The newest wish whose carrying out was begun and announced; 0 for none.</summary>
    public long StartedGeneration { get; init; }

    /// <summary>The wish under which a rolling re-sync runs; null while none does.</summary>
    public long? RollingResync { get; init; }

    public ClusterState State { get; init; } = ClusterState.Creating;

    /// <summary>Set while every process is down because the key is invalid (C7: stateName has no word for it).</summary>
    public DateTimeOffset? DisabledSince { get; init; }

    /// <summary>When the owner paused it; null while it is not paused. It resumes by itself after <see cref="ClusterPauses.Longest"/>.</summary>
    public DateTimeOffset? PausedSince { get; init; }

    /// <summary>When it was last resumed; null if it never was paused.</summary>
    public DateTimeOffset? ResumedAt { get; init; }

    /// <summary>A failover was asked for (R92): this member was the primary then, and is to be it no more. Null when none is under way.</summary>
    public Nodes.NodeId? PrimaryToRestart { get; init; }

    /// <summary>Set once the owner asked for deletion; cannot be taken back.</summary>
    public bool DeletionRequested { get; init; }

    /// <summary>The W3C <c>traceparent</c> of the newest wish, for whoever carries it out; null where nothing was traced.</summary>
    public string? Trace { get; init; }

    /// <summary>The members, in the order of their indexes. Fixed names: a node is replaced, never renamed.</summary>
    public ImmutableArray<Nodes.NodeId> Nodes { get; init; } = [];

    public string ReplicaSetName => $"atlas-{Id.Value[^6..]}-shard-0";

    public bool IsPending => AchievedGeneration < Generation;

    /// <summary>Work is left, or a change outside (a key that comes back, a pause that ends) would make some: what <see cref="IUnfinishedClusters"/> lists.</summary>
    public bool IsUnfinished => IsPending || State is not ClusterState.Idle || DeletionRequested || DisabledSince is not null || PausedSince is not null;

    public ClusterRef Ref => new(ProjectId, Name, Id);
}

/// <summary>Atlas's words: CREATING, IDLE, UPDATING, DELETING.</summary>
public enum ClusterState
{
    Creating,
    Idle,
    Updating,
    Deleting,
}

/// <summary>What the owner wants. Immutable; a wish replaces it as a whole.</summary>
/// <param name="EncryptionAtRestProvider">Null: NONE.</param>
/// <param name="InstanceSize">M10, M20, …</param>
/// <param name="ElectableNodes">Number of electable, data-bearing members of the one replica set.</param>
public sealed record ClusterSpec(KeyProvider? EncryptionAtRestProvider, string InstanceSize, int ElectableNodes)
{
    /// <summary>Everything else that the client said about the cluster, in the newest shape, echoed as sent: regions, tags, labels, version.</summary>
    public JsonObject Described { get; init; } = [];

    public bool IsPaused => Described["paused"]?.GetValue<bool>() is true;

    /// <summary>Priority in Atlas's words, 7 the highest, of the member with this index: regions fill up in the order of their priorities.</summary>
    public int PriorityOf(int index) => RegionOf(index)?["priority"]!.Whole() ?? HighestPriority;

    /// <summary>The regionConfig of the member with this index; null for one beyond them.</summary>
    public JsonObject? RegionOf(int index)
    {
        foreach (var region in ReplicationSpecs.RegionsOf(Described))
        {
            index -= region["electableSpecs"]!["nodeCount"]!.Whole();
            if (index < 0)
                return region;
        }
        return null;
    }

    public const int HighestPriority = 7;
}

/// <summary>How orchestrations and agents name a cluster.</summary>
public sealed record ClusterRef(ProjectId ProjectId, ClusterName Name, ClusterId Id);
