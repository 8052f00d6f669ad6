using Ear.Agent.Mongod;
using Ear.Nodes;
using MongoDB.Bson;

namespace Ear.Agent.Operations;

/// <summary>
/// The agent's own look before its node's data goes: the control plane has checked the same, but minutes may have passed
/// (spec dataplane §1.5 gate, §6.3).
/// </summary>
internal static class ResyncPreflight
{
    /// <param name="peer">What another member says of the set.</param>
    /// <param name="config">The set's configuration as that member has it.</param>
    /// <param name="self">host:port of this node.</param>
    /// <returns>Why not, for people; null: go on.</returns>
    public static string? Refuses(MongodView peer, BsonDocument config, string self, int maxLagSeconds)
    {
        if (peer.Primary is not { } primary)
            return "the set has no primary";
        if (primary.Host == self)
            return "this node is the primary; it has to step down first";
        var members = config["members"].AsBsonArray.OfType<BsonDocument>().Select(Configured.From).ToList();
        var others = members.Where(member => member.Host != self).ToList();
        if (members.Count == others.Count)
            return "this node is not a member of the set";

        foreach (var other in others)
        {
            var seen = peer.Members.FirstOrDefault(member => member.Host == other.Host);
            if (seen is { Role: MemberRole.Startup2 or MemberRole.Recovering or MemberRole.Rollback })
                return $"{other.Host} is itself in {seen.Role}";
            if (other.Votes && seen is not { Healthy: true })
                return $"{other.Host} is not healthy";
        }

        return Counts(peer, members, others, maxLagSeconds);
    }

    private static string? Counts(MongodView peer, List<Configured> members, List<Configured> others, int maxLagSeconds)
    {
        // All other voters were just seen healthy, so counting them is counting those that are up.
        var majority = members.Count(member => member.Votes) / 2 + 1;
        if (others.Count(member => member.Votes) < majority)
            return "without this node the set has no majority";
        var writeMajority = Math.Min(majority, members.Count(member => member.Votes && !member.Arbiter));
        if (others.Count(member => member.Votes && !member.Arbiter) < writeMajority)
            return "without this node majority writes would stall";
        var caughtUp = others.Any(other => !other.Arbiter && peer.Members.Any(seen =>
            seen.Host == other.Host && seen.Role is MemberRole.Primary or MemberRole.Secondary && peer.LagOf(seen) <= maxLagSeconds));
        return caughtUp ? null : "no other member is caught up";
    }

    private sealed record Configured(string Host, bool Votes, bool Arbiter)
    {
        public static Configured From(BsonDocument member) => new(
            member["host"].AsString, member.GetValue("votes", 1).ToInt32() > 0, member.GetValue("arbiterOnly", false).ToBoolean());
    }
}
