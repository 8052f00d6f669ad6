using Ear.Mongod.Commands;
using Ear.Mongod.Wire;
using MongoDB.Bson;

namespace Ear.Mongod.Replication;

/// <summary>One member as the set's configuration has it.</summary>
internal sealed record MemberConfig(int Id, string Host, double Priority, bool Hidden, int Votes, BsonDocument Tags)
{
    public bool IsVoter => Votes == 1;

    public static MemberConfig From(BsonDocument d)
    {
        if (d.GetValue("arbiterOnly", false).ToBoolean()) throw Invalid("arbiterOnly members are not supported by this stand-in");
        if (d.GetValue("secondaryDelaySecs", 0).ToInt64() != 0) throw Invalid("secondaryDelaySecs is not supported by this stand-in");
        if (!d.Contains("_id") || !d["_id"].IsNumeric || !d.Contains("host") || !d["host"].IsString) throw Invalid("each member needs a numeric _id and a host");
        var member = new MemberConfig(d["_id"].ToInt32(), d["host"].AsString, d.GetValue("priority", 1).ToDouble(), d.GetValue("hidden", false).ToBoolean(),
            d.GetValue("votes", 1).ToInt32(), d.GetValue("tags", new BsonDocument()).AsBsonDocument);
        try
        {
            _ = HostAndPort.Parse(member.Host);
        }
        catch (FormatException e)
        {
            throw Invalid(e.Message);
        }
        if (member.Id is < 0 or > 255) throw Invalid($"_id field value of {member.Id} is out of range 0..255");
        if (member.Priority is < 0 or > 1000) throw Invalid($"priority field value of {member.Priority} is out of range 0..1000");
        if (member.Votes is not (0 or 1)) throw Invalid($"votes field value is {member.Votes} but must be 0 or 1");
        if (member.Hidden && member.Priority != 0) throw Invalid("priority must be 0 when hidden=true");
        if (!member.IsVoter && member.Priority != 0) throw Invalid("priority must be 0 when non-voting (votes:0)");
        return member;
    }

    public BsonDocument ToBson() => new()
    {
        ["_id"] = Id,
        ["host"] = Host,
        ["arbiterOnly"] = false,
        ["buildIndexes"] = true,
        ["hidden"] = Hidden,
        ["priority"] = Priority,
        ["tags"] = Tags,
        ["secondaryDelaySecs"] = 0L,
        ["votes"] = Votes,
    };

    private static CommandException Invalid(string what) => new(ErrorCode.InvalidReplicaSetConfig, what);
}
