using System.Collections.Immutable;
using Ear.CustomerKeys;
using Ear.Nodes;

namespace Ear.Clusters;

/// <summary>What the planner may assume about the customer keys that a cluster uses or is to use: the worst of them.</summary>
public enum KeyView
{
    /// <summary>No member is encrypted with a customer key, and none is to be.</summary>
    NotNeeded,
    Valid,

    /// <summary>No certain answer, or a no that is not confirmed: nothing stops, and nothing starts that would need the key.</summary>
    Unknown,

    /// <summary>A scheduled check confirmed an authenticated no, and ordered the shut-down (C11).</summary>
    Invalid,
}

public enum ProcessView
{
    /// <summary>The agent has not been heard for too long: what mongod does is not known.</summary>
    Unheard,
    Down,
    Up,
}

/// <summary>A cluster as the planner sees it: what is wanted, what the key allows, what the members report. Nothing else decides.</summary>
public sealed record ClusterView(KeyProvider? Encryption, string InstanceSize, int Members, bool Deleting, KeyView Key, ImmutableArray<NodeView> Nodes)
{
    /// <summary>Nothing is to run, and nothing is changed, until the owner resumes it.</summary>
    public bool Paused { get; init; }

    /// <summary>This member is to be the primary no more; null when nobody asked for that.</summary>
    public NodeId? PrimaryToRestart { get; init; }

    public NodeView? Primary => Nodes.FirstOrDefault(n => n.IsMember && n.IsUp && n.Role is MemberRole.Primary);

    public int Majority => Nodes.Count(n => n.IsMember) / 2 + 1;
}

/// <param name="Index">Its place among equals; also how it is named to people.</param>
/// <param name="OrderedRunning">What the last order said. Stopped nodes were stopped by Ear, down ones went down by themselves.</param>
/// <param name="Encryption">Whose key encrypts its data files; null: plain.</param>
/// <param name="CaughtUp">A primary, or a secondary within the allowed lag.</param>
public sealed record NodeView(NodeId Id, int Index, bool OrderedRunning, ProcessView Process, MemberRole Role, KeyProvider? Encryption, string InstanceSize, bool CaughtUp)
{
    /// <summary>Its machine was asked for, and is not yet overdue. False: ask (again).</summary>
    public bool IsProvided { get; init; } = true;

    /// <summary>Its machine is the operator's to give, and is not there: that may take days.</summary>
    public bool IsAwaited { get; init; }

    /// <summary>Its agent has proven who it is.</summary>
    public bool IsEnrolled { get; init; } = true;

    /// <summary>In the configuration of the replica set.</summary>
    public bool IsMember { get; init; } = true;

    /// <summary>0: never primary, re-synced first (spec dataplane §1.5).</summary>
    public int Priority { get; init; } = 1;

    public bool Hidden { get; init; }

    /// <summary>What its agent is at, for people; null when no operation is under way.</summary>
    public string? Busy { get; init; }

    /// <summary>An operation failed, and this long is left until it may be tried again.</summary>
    public TimeSpan? RetryIn { get; init; }

    /// <summary>Its old files and its new ones fit beside each other.</summary>
    public bool HasDiskRoom { get; init; } = true;

    /// <summary>A twentieth of its disk is free, or nobody knows.</summary>
    public bool HasDiskToSpare { get; init; } = true;

    public bool IsUp => Process is ProcessView.Up;

    public bool IsServing => IsUp && IsMember && Role is (MemberRole.Primary or MemberRole.Secondary);

    public bool IsPrimary => Role is MemberRole.Primary;

    public string Name => $"node {Index}";
}
