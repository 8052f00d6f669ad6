using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Ear.Nodes;

public enum WantedProcess
{
    Running,
    Stopped,
}

/// <summary>AES256-CBC is mongod's default; Ear asks for GCM, which is safe here because members never descend from one physical copy (spec dataplane §1.2).</summary>
public enum EncryptionMode
{
    None,
    Aes256Gcm,
}

/// <summary>What an agent's KMIP bridge answers from: Invalid → Deactivated, the others → Active (design §6). None: the node needs no customer key.</summary>
public enum GoalVerdict
{
    None,
    Valid,
    Unreachable,
    Invalid,
}

/// <summary>What the control plane wants of one node (spec dataplane §6.3). Goals and fences only grow; an agent refuses a lower one.</summary>
/// <param name="Goal">Grows with every change of anything here.</param>
/// <param name="Fence">Grows when another orchestration takes over the node.</param>
/// <param name="Encryption">How the data files are to be encrypted. A change of it happens only through a <see cref="NodeOpKind.WipeAndResync"/>, or at the first start.</param>
/// <param name="InstanceSize">M10, M20, …: the memory that mongod may use. A change needs a <see cref="NodeOpKind.Restart"/>, or applies at the next start.</param>
public sealed record NodeGoal(
    long Goal,
    long Fence,
    WantedProcess Process,
    EncryptionMode Encryption,
    string InstanceSize,
    string ReplicaSetName,
    GoalVerdict Verdict,
    DateTimeOffset? VerdictAt)
{
    /// <summary>The W3C <c>traceparent</c> of the order that made this goal, for the agent to go on from; null where nothing was traced.</summary>
    public string? Trace { get; init; }

    /// <summary>
    /// Which restore of the control plane's state this goal comes after, in milliseconds since 1970; 0 for none. An agent that hears of one for the first time
    /// gives the wrapped keys that it kept back (<see cref="AgentApi.Return"/>): those that were made after the copy are in no other place.
    /// </summary>
    public long Restore { get; init; }

    /// <summary>One operation at a time per node; kept here until the agent has reported its end.</summary>
    public NodeOp? Op { get; init; }
}

public enum NodeOpKind
{
    /// <summary>replSetInitiate with this node alone.</summary>
    Initiate,

    /// <summary>On the primary: replSetReconfig that adds <see cref="NodeOp.Member"/>.</summary>
    AdmitMember,

    /// <summary>On the primary: replSetReconfig that removes <see cref="NodeOp.Member"/>.</summary>
    RemoveMember,

    /// <summary>On the primary: replSetStepDown 60 s, catch-up 10 s, never by force.</summary>
    StepDown,

    /// <summary>Stop, data moved aside, start as <see cref="NodeGoal.Encryption"/> says, initial sync, old data removed. Destructive.</summary>
    WipeAndResync,

    /// <summary>Clean restart with the goal's instance size.</summary>
    Restart,
}

/// <summary>An operation, idempotent by <paramref name="Id"/>.</summary>
/// <param name="Id">Stable for one intent: the same intent told twice carries the same id.</param>
/// <param name="LeaseSeconds">How long from receipt a destructive step may still begin.</param>
/// <param name="DeadlineSeconds">How long from receipt until the operation is given up and rolled back.</param>
public sealed record NodeOp(string Id, NodeOpKind Kind, int LeaseSeconds, int DeadlineSeconds)
{
    /// <summary>host:port of the member to admit or remove.</summary>
    public string? Member { get; init; }

    /// <summary>Priority in elections of the member to admit, below 1; null for mongod's default, 1.</summary>
    public double? Priority { get; init; }

    /// <summary>host:port of the other members, so that an agent can check its preconditions with a peer itself.</summary>
    public ImmutableArray<string> Peers { get; init; } = [];

    /// <summary>Encryption that a <see cref="NodeOpKind.WipeAndResync"/> leads to.</summary>
    public EncryptionMode? TargetEncryption { get; init; }

    /// <summary>Largest replication lag, in seconds, at which a re-synced member counts as caught up.</summary>
    public int MaxLagSeconds { get; init; } = 10;
}

public enum OpPhase
{
    Running,
    Succeeded,
    Failed,
}

/// <param name="Step">The journal's step, for people.</param>
/// <param name="ErrorCode">A stable word when failed: PRECONDITION_FAILED, LEASE_EXPIRED, DEADLINE, KEY_UNAVAILABLE, MONGOD_ERROR.</param>
public sealed record OpReport(string Id, OpPhase Phase, string Step, int? Percent = null, string? ErrorCode = null, string? Detail = null);
