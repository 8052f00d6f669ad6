using System.Collections.Immutable;

namespace Ear.Nodes;

public enum MemberRole
{
    /// <summary>mongod does not answer, or does not run.</summary>
    Down,

    /// <summary>Runs, but belongs to no replica set yet.</summary>
    NoSet,
    Startup2,
    Secondary,
    Primary,
    Recovering,
    Rollback,
    Other,
}

/// <summary>What an agent sees (spec dataplane §6.3). Facts only; the control plane decides.</summary>
/// <param name="BootId">Another one after each start of the machine. For people: that two machines speak as one node (a clone) is not recognised by it.</param>
/// <param name="Sequence">Grows with every report of one start of the agent (<see cref="AgentStart"/>).</param>
/// <param name="AchievedGoal">The newest goal in which nothing is left to do.</param>
/// <param name="HostPort">Where mongod listens, as the other members reach it.</param>
public sealed record NodeReport(
    string AgentVersion,
    string BootId,
    long Sequence,
    long AchievedGoal,
    string HostPort,
    MongodReport Mongod,
    EncryptionMode Encryption,
    string? MasterKeyId,
    string InstanceSize,
    GoalVerdict VerdictSeen)
{
    public OpReport? Op { get; init; }

    /// <summary>Another one after each start of the agent, because its <see cref="Sequence"/> begins anew with it. Null: the agent does not say, and its reports count in the order in which they come.</summary>
    public string? AgentStart { get; init; }

    public long? DiskFreeBytes { get; init; }

    public long? DiskTotalBytes { get; init; }

    public long? DataBytes { get; init; }

    /// <summary>Why a wanted process does not run, for people: "key", "restart in 8 s", …; null when nothing is waited for.</summary>
    public string? WaitingFor { get; init; }

    /// <summary>Of the same machine and start of its agent, and told no later: a repeat, or one that was overtaken on its way.</summary>
    public bool IsNoNewerThan(NodeReport known)
        => AgentStart is not null && (AgentStart, BootId) == (known.AgentStart, known.BootId) && Sequence <= known.Sequence;
}

/// <param name="Up">The process runs and answers.</param>
/// <param name="LagSeconds">Behind the primary; null where not known or where it is the primary.</param>
/// <param name="HealthyMembers">host:port of the members that this one sees healthy, itself included.</param>
/// <param name="SyncPercent">Progress of an initial sync.</param>
public sealed record MongodReport(bool Up, int? ProcessId, string? Version, MemberRole Role, double? LagSeconds, int? SyncPercent, ImmutableArray<string> HealthyMembers)
{
    public static MongodReport Stopped { get; } = new(false, null, null, MemberRole.Down, null, null, []);

    /// <summary>host:port of all members of the set's configuration, as this member knows it; empty without a set.</summary>
    public ImmutableArray<string> ConfiguredMembers { get; init; } = [];
}
