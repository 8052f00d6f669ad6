using System.Collections.Immutable;
using Ear.Alerts;
using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Projects;

namespace Ear.Nodes;

/// <summary>One member of a cluster as the control plane knows it.</summary>
/// <param name="Index">0, 1, 2, … within the cluster; also its place in the order of work among equals.</param>
public sealed record Node(NodeId Id, ProjectId ProjectId, ClusterRef Cluster, int Index, NodeGoal Goal)
{
    public Enrolment? Enrolment { get; init; }

    /// <summary>base64 SubjectPublicKeyInfo of the enrolled agent; null until enrolled.</summary>
    public string? AgentKey { get; init; }

    public string? HostPort { get; init; }

    public NodeReport? Report { get; init; }

    public DateTimeOffset? HeardAt { get; init; }

    /// <summary>Every node master key of this node, wrapped; never removed while the node or a snapshot may need one (I4).</summary>
    public ImmutableDictionary<string, WrappedKey> MasterKeys { get; init; } = ImmutableDictionary<string, WrappedKey>.Empty;

    /// <summary>Set once the configuration of the replica set has named it; it stays a member while it is down or re-synced.</summary>
    public bool Joined { get; init; }

    /// <summary>The last operation failed, and when it may be tried again; null after a success.</summary>
    public OpFailure? LastFailure { get; init; }

    /// <summary>Set when the node leaves the cluster: its agent is told to stop and forget.</summary>
    public bool Removed { get; init; }
}

/// <param name="Attempts">How many times in a row an operation of this node failed; the waits between grow with it.</param>
public sealed record OpFailure(string OpId, int Attempts, DateTimeOffset RetryAt);

/// <param name="TokenSha256">SHA-256 of the one-time token, lower-case hexadecimal.</param>
public sealed record Enrolment(string TokenSha256, DateTimeOffset Expires);

/// <summary>The nodes of a project.</summary>
public interface INodes
{
    Task<Stored<Node>?> FindAsync(ProjectId project, NodeId id, CancellationToken cancellation);

    /// <summary>By index, ascending; removed nodes included until deleted.</summary>
    Task<IReadOnlyList<Stored<Node>>> ListAsync(ProjectId project, ClusterId cluster, CancellationToken cancellation);

    Task<SaveResult> SaveAsync(Node node, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation);

    Task<SaveResult> DeleteAsync(Node node, long expectedVersion, CancellationToken cancellation);
}

/// <summary>Where nodes come from: enrolled agents waiting for work, or, on one machine, a process that is started.</summary>
public interface IMachines
{
    /// <summary>Makes sure that an agent for this node runs and has what it needs to enrol. Told twice is told once.</summary>
    Task ProvideAsync(MachineRequest request, CancellationToken cancellation);

    /// <summary>The node is gone for good: its machine and data may be destroyed. Told twice is told once.</summary>
    Task ReleaseAsync(ProjectId project, NodeId node, CancellationToken cancellation);
}

/// <param name="EnrolmentToken">One-time; secret. Null when the node has already enrolled.</param>
public sealed record MachineRequest(ProjectId ProjectId, NodeId NodeId, ClusterRef Cluster, int Index, string? EnrolmentToken);
