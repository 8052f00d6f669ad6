using Ear.Mongod.Storage;
using MongoDB.Bson;

namespace Ear.Mongod.Replication;

/// <summary>What this member knows of another one. Guarded by the storage gate.</summary>
internal sealed class Peer(MemberConfig config)
{
    public MemberConfig Config { get; set; } = config;

    public MemberState State { get; set; } = MemberState.Unknown;

    public long Term { get; set; }

    public bool Learnt { get; set; }

    public OpTime Applied { get; set; }

    /// <summary>Reported by the follower itself, in <see cref="DurableTerm"/>; null while its data do not count.</summary>
    public OpTime? Durable { get; set; }

    /// <summary>The follower's term when it reported <see cref="Durable"/>. Only the current term's reports count towards the commit point.</summary>
    public long DurableTerm { get; set; }

    public (long Term, int Version) ConfigSeen { get; set; }

    /// <summary>Monotonic time of the last answer to us, or question from it; 0 never.</summary>
    public long LastContact { get; set; }

    public DateTimeOffset LastHeartbeat { get; set; }

    public DateTimeOffset LastHeartbeatReceived { get; set; }

    public string? LastError { get; set; }

    public string SyncSource { get; set; } = "";

    public TimeSpan Ping { get; set; }

    public bool Healthy => State is not (MemberState.Unknown or MemberState.Down);

    /// <summary>Takes over what the member says of itself in a heartbeat, its question or its answer.</summary>
    public void Heard(BsonDocument status, long now)
    {
        State = (MemberState)status["state"].AsInt32;
        Term = status["term"].AsInt64;
        Learnt = status["learnt"].AsBoolean;
        Applied = OpTime.From(status["opTime"]);
        ConfigSeen = (status["configTerm"].AsInt64, status["configVersion"].AsInt32);
        SyncSource = status["syncSource"].AsString;
        LastContact = now;
        LastError = null;
    }
}
