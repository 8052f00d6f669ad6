using Ear.Agent.Mongod;
using Ear.Agent.Operations;
using Ear.Nodes;
using MongoDB.Bson;

namespace Ear.Agent.Tests.Operations;

public sealed class ResyncPreflightTests
{
    private const string Self = "n1";

    [Fact]
    public void A_healthy_set_of_three_lets_a_secondary_go() => Assert.Null(Ask(Three()));

    public static TheoryData<string, string> Refusals => new()
    {
        { "no primary", "no primary" },
        { "self primary", "is the primary" },
        { "other down", "is not healthy" },
        { "other syncing", "is itself in Startup2" },
        { "other in rollback", "is itself in Rollback" },
        { "two members", "no majority" },
        { "arbiter", "majority writes would stall" },
        { "not a member", "not a member" },
    };

    [Theory, MemberData(nameof(Refusals))]
    public void Anything_that_endangers_the_set_is_refused(string situation, string why)
    {
        var members = situation switch
        {
            "no primary" => Three() with { Roles = [MemberRole.Secondary, MemberRole.Secondary, MemberRole.Secondary] },
            "self primary" => Three() with { Roles = [MemberRole.Secondary, MemberRole.Primary, MemberRole.Secondary] },
            "other down" => Three() with { Roles = [MemberRole.Primary, MemberRole.Secondary, MemberRole.Down] },
            "other syncing" => Three() with { Roles = [MemberRole.Primary, MemberRole.Secondary, MemberRole.Startup2] },
            "other in rollback" => Three() with { Roles = [MemberRole.Primary, MemberRole.Secondary, MemberRole.Rollback] },
            "two members" => new Situation(["n0", Self], [MemberRole.Primary, MemberRole.Secondary]),
            "arbiter" => Three() with { Roles = [MemberRole.Primary, MemberRole.Secondary, MemberRole.Other], Arbiter = "n2" },
            "not a member" => new Situation(["n0", "n2", "n3"], [MemberRole.Primary, MemberRole.Secondary, MemberRole.Secondary]),
            _ => throw new ArgumentOutOfRangeException(nameof(situation)),
        };
        Assert.Contains(why, Ask(members), StringComparison.Ordinal);
    }

    private static string? Ask(Situation situation)
    {
        var now = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var view = new MongodView(true, MemberRole.Primary)
        {
            Members = [.. situation.Hosts.Zip(situation.Roles, (host, role) => new MemberView(host, role, role != MemberRole.Down, host == situation.Hosts[0], now))],
        };
        var config = new BsonDocument("members", new BsonArray(situation.Hosts.Select((host, index) =>
            new BsonDocument { { "_id", index }, { "host", host }, { "arbiterOnly", host == situation.Arbiter } })));
        return ResyncPreflight.Refuses(view, config, Self, maxLagSeconds: 10);
    }

    private static Situation Three() => new(["n0", Self, "n2"], [MemberRole.Primary, MemberRole.Secondary, MemberRole.Secondary]);

    private sealed record Situation(string[] Hosts, MemberRole[] Roles)
    {
        public string? Arbiter { get; init; }
    }
}
