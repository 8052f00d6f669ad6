using Ear.Mongod.Commands;
using MongoDB.Bson;

namespace Ear.Mongod.Replication;

/// <summary>The set's configuration. A newer (term, version) replaces an older one on every member that hears of it.</summary>
internal sealed record ReplConfig(string Name, int Version, long Term, IReadOnlyList<MemberConfig> Members, BsonDocument Settings)
{
    public static readonly TimeSpan DefaultElectionTimeout = TimeSpan.FromSeconds(10);

    public IEnumerable<MemberConfig> Voters => Members.Where(m => m.IsVoter);

    public int Majority => (Voters.Count() / 2) + 1;

    public TimeSpan ElectionTimeout => TimeSpan.FromMilliseconds(Settings.GetValue("electionTimeoutMillis", 10_000).ToDouble());

    public TimeSpan HeartbeatInterval => TimeSpan.FromMilliseconds(Settings.GetValue("heartbeatIntervalMillis", 2_000).ToDouble());

    public MemberConfig? Find(string host) => Members.FirstOrDefault(m => m.Host == host);

    public bool IsNewerThan(ReplConfig? other) => other is null || Term > other.Term || (Term == other.Term && Version > other.Version);

    public static ReplConfig From(BsonDocument d)
    {
        if (d.GetValue("_id", BsonNull.Value) is not BsonString name) throw Invalid("the configuration has no set name in _id");
        if (d.GetValue("members", BsonNull.Value) is not BsonArray { Count: > 0 } members) throw Invalid("the configuration has no members");
        var parsed = members.Select(m => MemberConfig.From(m.AsBsonDocument)).ToArray();
        var config = new ReplConfig(name.Value, d.GetValue("version", 1).ToInt32(), d.GetValue("term", 0L).ToInt64(), parsed, d.GetValue("settings", new BsonDocument()).AsBsonDocument);
        if (parsed.Select(m => m.Id).Distinct().Count() != parsed.Length) throw Invalid("Found two members with the same _id");
        if (parsed.Select(m => m.Host).Distinct().Count() != parsed.Length) throw Invalid("Found two members with the same host");
        if (config.Voters.Count() is 0 or > 7) throw Invalid("a set has 1 to 7 voting members");
        if (!parsed.Any(m => m.Priority > 0)) throw Invalid("Replica set configuration must contain at least one non-arbiter member with priority > 0");
        if (config.ElectionTimeout < TimeSpan.FromMilliseconds(100) || config.HeartbeatInterval < TimeSpan.FromMilliseconds(20)) throw Invalid("electionTimeoutMillis must be at least 100 and heartbeatIntervalMillis at least 20");
        return config;
    }

    public BsonDocument ToBson()
    {
        var settings = new BsonDocument
        {
            ["chainingAllowed"] = false,
            ["heartbeatIntervalMillis"] = 2000,
            ["heartbeatTimeoutSecs"] = 10,
            ["electionTimeoutMillis"] = 10000,
        };
        settings.Merge(Settings, overwriteExistingElements: true);
        return new BsonDocument
        {
            ["_id"] = Name,
            ["version"] = Version,
            ["term"] = Term,
            ["members"] = new BsonArray(Members.Select(m => m.ToBson())),
            ["protocolVersion"] = 1L,
            ["writeConcernMajorityJournalDefault"] = true,
            ["settings"] = settings,
        };
    }

    private static CommandException Invalid(string what) => new(ErrorCode.InvalidReplicaSetConfig, what);
}
