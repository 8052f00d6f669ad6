using Ear.Agent.Mongod;
using Ear.Nodes;
using MongoDB.Bson;

namespace Ear.Agent.Tests.Mongod;

public sealed class MongodViewTests
{
    private static readonly BsonDocument Build = BsonDocument.Parse("""{ "modules": ["enterprise"] }""");

    [Fact]
    public void A_secondary_is_read_with_its_lag_and_its_encryption()
    {
        var view = MongodView.From(
            new BsonDocument("setName", "rs"),
            BsonDocument.Parse("""
                { "myState": 2, "members": [
                  { "name": "n0:1", "state": 1, "health": 1.0, "optimeDate": { "$date": "2026-01-01T00:00:07Z" } },
                  { "name": "n1:1", "state": 2, "health": 1.0, "self": true, "optimeDate": { "$date": "2026-01-01T00:00:04Z" } },
                  { "name": "n2:1", "state": 8, "health": 0.0 } ] }
                """),
            BsonDocument.Parse("""{ "pid": { "$numberLong": "42" }, "version": "7.0.14", "encryptionAtRest": { "encryptionEnabled": true, "encryptionKeyId": "k" } }"""),
            Build);
        Assert.Equal((true, MemberRole.Secondary, 42, "7.0.14", true, "k"), (view.Up, view.Role, view.ProcessId, view.Version, view.Encrypted, view.KeyId));
        Assert.Equal(3, view.LagOf(view.Self!));
        Assert.Equal("n0:1", view.Primary!.Host);
        Assert.Null(view.LagOf(view.Members[2]));
        Assert.Equal(["enterprise"], view.Modules);
    }

    [Fact]
    public void An_initial_sync_is_read_with_its_progress()
    {
        var view = MongodView.From(
            [], BsonDocument.Parse("""{ "myState": 5, "initialSyncStatus": { "approxTotalDataSize": 400, "approxTotalBytesCopied": 100 } }"""), [], []);
        Assert.Equal((MemberRole.Startup2, 25), (view.Role, view.SyncPercent));
    }

    [Fact]
    public void A_server_without_a_set_says_so_and_one_that_was_removed_does_not()
    {
        Assert.Equal(MemberRole.NoSet, MongodView.From([], null, [], []).Role);
        Assert.Equal(MemberRole.Other, MongodView.From([], new BsonDocument("myState", 10), [], []).Role);
    }

    [Fact]
    public void A_server_that_says_nothing_of_encryption_leaves_it_open() => Assert.Null(MongodView.From([], null, [], []).Encrypted);
}
