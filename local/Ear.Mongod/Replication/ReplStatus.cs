using Ear.Mongod.Commands;
using Ear.Mongod.Storage;
using MongoDB.Bson;

namespace Ear.Mongod.Replication;

/// <summary>What the set looks like from here, in mongod's documents. Called with the storage gate held.</summary>
internal static class ReplStatus
{
    public static BsonDocument Status(ReplicaSet set, InitialSync sync, DateTimeOffset started)
    {
        if (set.State.Config is not { } config) throw new CommandException(ErrorCode.NotYetInitialized, "no replset config has been received");
        if (set.Self is null) throw new CommandException(ErrorCode.InvalidReplicaSetConfig, "Our replica set config is invalid or we are not a member of it");
        var status = new BsonDocument
        {
            ["set"] = set.Name,
            ["date"] = new BsonDateTime(set.Time.GetUtcNow().UtcDateTime),
            ["myState"] = (int)set.Role,
            ["term"] = set.State.Term,
            ["syncSourceHost"] = set.Role == MemberState.Primary ? "" : set.PrimaryHost ?? "",
            ["heartbeatIntervalMillis"] = (long)config.HeartbeatInterval.TotalMilliseconds,
            ["majorityVoteCount"] = config.Majority,
            ["writeMajorityCount"] = config.Majority,
            ["votingMembersCount"] = config.Voters.Count(),
            ["writableVotingMembersCount"] = config.Voters.Count(),
            ["optimes"] = new BsonDocument
            {
                ["lastCommittedOpTime"] = set.CommitPoint.ToBson(),
                ["appliedOpTime"] = set.Engine.LastApplied.ToBson(),
                ["durableOpTime"] = set.Engine.Durable.ToBson(),
            },
        };
        if (set.State.NeedsInitialSync && sync.Progress is { } progress) status["initialSyncStatus"] = progress.ToBson(sync.FailedAttempts);
        status["members"] = new BsonArray(config.Members.Select(m => m.Host == set.State.Me ? Own(set, m, started) : Other(set, m)));
        status["ok"] = 1.0;
        return status;
    }

    private static BsonDocument Own(ReplicaSet set, MemberConfig member, DateTimeOffset started)
    {
        var d = Member(set, member, set.Role, healthy: true, set.Engine.LastApplied, started);
        if (set.PrimarySince is { } since)
        {
            d["electionTime"] = new BsonTimestamp(since.ToUnixTimeSeconds() << 32);
            d["electionDate"] = new BsonDateTime(since.UtcDateTime);
        }
        d["syncSourceHost"] = set.Role == MemberState.Primary ? "" : set.PrimaryHost ?? "";
        d["infoMessage"] = "";
        d["self"] = true;
        return d;
    }

    private static BsonDocument Other(ReplicaSet set, MemberConfig member)
    {
        var peer = set.Peers[member.Host];
        var d = Member(set, member, peer.State, peer.Healthy, peer.Healthy ? peer.Applied : OpTime.None, peer.LastHeartbeat);
        d["lastHeartbeat"] = new BsonDateTime(peer.LastHeartbeat.UtcDateTime);
        d["lastHeartbeatRecv"] = new BsonDateTime(peer.LastHeartbeatReceived.UtcDateTime);
        d["pingMs"] = (long)peer.Ping.TotalMilliseconds;
        d["lastHeartbeatMessage"] = peer.LastError ?? "";
        d["syncSourceHost"] = peer.SyncSource;
        d["infoMessage"] = "";
        (d["configVersion"], d["configTerm"]) = (peer.ConfigSeen.Version, peer.ConfigSeen.Term);
        return d;
    }

    private static BsonDocument Member(ReplicaSet set, MemberConfig member, MemberState state, bool healthy, OpTime applied, DateTimeOffset upSince) => new()
    {
        ["_id"] = member.Id,
        ["name"] = member.Host,
        ["health"] = healthy ? 1.0 : 0.0,
        ["state"] = (int)state,
        ["stateStr"] = state.Text(),
        ["uptime"] = healthy ? (long)Math.Max(0, (set.Time.GetUtcNow() - upSince).TotalSeconds) : 0L,
        ["optime"] = applied.ToBson(),
        ["optimeDate"] = new BsonDateTime(applied.Date.UtcDateTime),
        ["configVersion"] = set.State.Config!.Version,
        ["configTerm"] = set.State.Config.Term,
    };

    /// <summary>The set's part of hello.</summary>
    public static void Describe(ReplicaSet set, BsonDocument hello)
    {
        if (set.State.Config is not { } config || set.Self is not { } self)
        {
            hello["isreplicaset"] = true;
            hello["info"] = "Does not have a valid replica set config";
            hello["secondary"] = false;
            return;
        }
        hello["setName"] = set.Name;
        hello["setVersion"] = config.Version;
        hello["secondary"] = set.Role == MemberState.Secondary;
        hello["hosts"] = Hosts(config.Members.Where(m => m is { Hidden: false, Priority: > 0 }));
        if (Hosts(config.Members.Where(m => m is { Hidden: false, Priority: 0 })) is { Count: > 0 } passives) hello["passives"] = passives;
        if (set.PrimaryHost is { } primary) hello["primary"] = primary;
        if (self.Hidden) hello["hidden"] = true;
        if (self.Priority == 0) hello["passive"] = true;
        if (self.Tags.ElementCount > 0) hello["tags"] = self.Tags;
        hello["me"] = self.Host;
        if (set.Role == MemberState.Primary) hello["electionId"] = ElectionId(set.State.Term);
        hello["lastWrite"] = new BsonDocument
        {
            ["opTime"] = set.Engine.LastApplied.ToBson(),
            ["lastWriteDate"] = new BsonDateTime(set.Engine.LastApplied.Date.UtcDateTime),
            ["majorityOpTime"] = set.CommitPoint.ToBson(),
            ["majorityWriteDate"] = new BsonDateTime(set.CommitPoint.Date.UtcDateTime),
        };
    }

    private static BsonArray Hosts(IEnumerable<MemberConfig> members) => new(members.Select(m => m.Host));

    private static ObjectId ElectionId(long term) => ObjectId.Parse($"7fffffff{term:x16}");
}
