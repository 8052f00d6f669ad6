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

    /// <summary>Since when its machine is the operator's to give; null: Ear starts it by itself.</summary>
    public DateTimeOffset? AwaitedSince { get; init; }

    /// <summary>What the operator calls the machine that took this node's place; null while there is none, and again once it is known to be destroyed.</summary>
    public string? Machine { get; init; }

    /// <summary>When the node left the cluster, if the operator is to hear of it.</summary>
    public DateTimeOffset? ReleasedAt { get; init; }

    public MachineTask MachineTask => this switch
    {
        { Removed: false, AgentKey: null, AwaitedSince: not null } => MachineTask.Provide,
        { Removed: true, Machine: not null } => MachineTask.Destroy,
        _ => MachineTask.None,
    };
}

/// <summary>What the operator of the machines has to do for a node.</summary>
public enum MachineTask
{
    None,

    /// <summary>A machine with an agent, which enrols in the node's place.</summary>
    Provide,

    /// <summary>The node is gone for good; its machine and data are of no use any more.</summary>
    Destroy,
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

/// <summary>The nodes of all projects for which the operator of the machines has something to do.</summary>
public interface IMachineTasks
{
    /// <param name="continuation">Null for the first page; as the page before told. Texts of another form are not taken: <see cref="MachineTasks.IsContinuation"/>.</param>
    /// <returns>By project and node. A page may hold fewer than asked for, and still not be the last.</returns>
    Task<Page<Node>> ListAsync(MachineTask task, string? continuation, int size, CancellationToken cancellation);
}

/// <summary>How the pages of <see cref="IMachineTasks"/> are named: by the last node on the page before.</summary>
public static class MachineTasks
{
    public static string Continuation(ProjectId project, NodeId node) => $"{project.Value}:{node.Value}";

    public static bool IsContinuation(string text)
        => text.Split(':') is [var project, var node] && IHexId<ProjectId>.IsValid(project) && IHexId<NodeId>.IsValid(node);
}

/// <summary>Where nodes come from: machines of an operator, whose agents enrol, or, on one machine, a process that is started.</summary>
public interface IMachines
{
    /// <summary>True: Ear starts none, and says which it waits for (<see cref="IMachineTasks"/>); tokens are had at the operator's door. False: each node's token comes with the request.</summary>
    bool AreAwaited => false;

    /// <summary>Makes sure that an agent for this node runs and has what it needs to enrol. Told twice is told once.</summary>
    Task ProvideAsync(MachineRequest request, CancellationToken cancellation);

    /// <summary>The node is gone for good: its machine and data may be destroyed. Told twice is told once.</summary>
    Task ReleaseAsync(ProjectId project, NodeId node, CancellationToken cancellation);
}

/// <param name="EnrolmentToken">One-time; secret. Null when the node has already enrolled, and where machines are awaited.</param>
public sealed record MachineRequest(ProjectId ProjectId, NodeId NodeId, ClusterRef Cluster, int Index, string? EnrolmentToken);
