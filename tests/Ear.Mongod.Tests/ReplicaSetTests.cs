using System.Diagnostics;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Ear.Mongod.Tests;

public sealed class ReplicaSetTests
{
    private static readonly BsonDocument All = [];

    private static IReadOnlyList<BsonDocument> Documents(int from, int count) => [.. Enumerable.Range(from, count).Select(i => new BsonDocument { ["_id"] = i, ["text"] = "thing" })];

    [Fact]
    public async Task Three_processes_form_a_set_that_acknowledges_majority_writes()
    {
        await using var set = await ThreeMembers.StartAsync();
        await set.FillAsync(Documents(0, 2000));
        Assert.Equal(2000, await set.Things.CountDocumentsAsync(All));
        Assert.Equal(2000, await set.Things.WithReadConcern(ReadConcern.Majority).CountDocumentsAsync(All));
        Assert.Equal(2000, await set.Things.WithReadPreference(ReadPreference.Secondary).WithReadConcern(ReadConcern.Majority).CountDocumentsAsync(All));

        var status = (await set.PrimaryAsync()).Run("{replSetGetStatus: 1}");
        Assert.Equal((2, 3), (status["majorityVoteCount"].AsInt32, status["votingMembersCount"].AsInt32));
        Assert.Equal([1.0, 1.0, 1.0], status["members"].AsBsonArray.Select(m => m["health"].AsDouble));
        Assert.Single(status["members"].AsBsonArray, m => m.AsBsonDocument.GetValue("self", false).AsBoolean);
    }

    [Fact]
    public async Task Kill_9_of_the_primary_makes_another_one_and_nothing_acknowledged_is_lost()
    {
        await using var set = await ThreeMembers.StartAsync();
        await set.FillAsync(Documents(0, 300));
        var old = await set.PrimaryAsync();
        await old.KillAsync();
        var next = await set.PrimaryAsync();
        Assert.NotEqual(old.Host, next.Host);
        await Retry.Async(() => set.Things.InsertOneAsync(new BsonDocument("_id", "after")));
        await old.StartAsync();
        await set.HealthyAsync();
        await Until.TrueAsync(() => Count(old) == 301, TimeSpan.FromSeconds(10), old.Log);
    }

    [Fact]
    public async Task A_member_without_data_copies_them_and_votes_only_after_it_has_learnt_the_term()
    {
        await using var set = await ThreeMembers.StartAsync();
        await set.FillAsync(Documents(0, 5000));
        var primary = await set.PrimaryAsync();
        var wiped = set.Members.First(m => m != primary);
        await wiped.KillAsync();
        wiped.Wipe();
        await wiped.StartAsync();
        await set.HealthyAsync();
        Assert.Equal(5000, Count(wiped));
        Assert.Contains("has learnt the set's term", wiped.Log());
        Assert.False(wiped.Run("{replSetGetStatus: 1}").Contains("initialSyncStatus"));
    }

    [Fact]
    public async Task Without_the_others_an_emptied_member_neither_votes_nor_acknowledges()
    {
        await using var set = await ThreeMembers.StartAsync();
        var primary = await set.PrimaryAsync();
        var others = set.Members.Where(m => m != primary).ToArray();
        await set.Things.InsertOneAsync(new BsonDocument("_id", 1));
        // The primary and one follower go; what is left, and the other one with emptied files, must not become a set that forgot.
        await others[0].KillAsync();
        await primary.KillAsync();
        others[0].Wipe();
        await others[0].StartAsync();
        await Until.TrueAsync(() => others[1].Log().Contains("has not yet learnt the term", StringComparison.Ordinal), TimeSpan.FromSeconds(20), others[1].Log);
        Assert.DoesNotContain(1, others.Select(ThreeMembers.State));
        await primary.StartAsync();
        await set.HealthyAsync();
        Assert.Equal(1, await set.Things.CountDocumentsAsync(All));
    }

    [Fact]
    public async Task A_step_down_hands_over_in_well_under_a_second()
    {
        await using var set = await ThreeMembers.StartAsync();
        await set.FillAsync(Documents(0, 100));
        var old = await set.PrimaryAsync();
        var watch = Stopwatch.StartNew();
        old.Run("{replSetStepDown: 60, secondaryCatchUpPeriodSecs: 10}");
        await Until.TrueAsync(() => set.Members.Any(m => m != old && ThreeMembers.State(m) == 1), TimeSpan.FromSeconds(5), old.Log);
        // Far below the election timeout of 1 s: it was handed over, not waited for.
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(0.9));
        Assert.Equal(10107, Assert.Throws<MongoNotPrimaryException>(() => old.Run("{insert: 'x', documents: [{_id: 1}]}")).Code);
        await Retry.Async(() => set.Things.InsertOneAsync(new BsonDocument("_id", "after")));
    }

    [Fact]
    public async Task A_primary_that_nobody_can_follow_neither_steps_down_nor_shuts_down_unless_forced()
    {
        await using var set = await ThreeMembers.StartAsync();
        var primary = await set.PrimaryAsync();
        primary.Run($"{{replSetReconfig: {Config(primary, c => { foreach (var m in c["members"].AsBsonArray.Where(m => m["host"] != primary.Host)) m["priority"] = 0; })}}}");
        var refused = Assert.Throws<MongoCommandException>(() => primary.Run("{replSetStepDown: 5, secondaryCatchUpPeriodSecs: 1}"));
        Assert.Equal((262, "ExceededTimeLimit"), (refused.Code, refused.CodeName));
        Assert.Contains("No electable secondaries caught up", refused.Message);
        Assert.Equal(262, Assert.Throws<MongoCommandException>(() => primary.Run("{shutdown: 1, timeoutSecs: 1}")).Code);
        Assert.Equal(1, ThreeMembers.State(primary));
        // The connection may be gone before the answer: both are a shutdown.
        if (Record.Exception(() => primary.Run("{shutdown: 1, force: true, timeoutSecs: 0}")) is { } e) Assert.IsType<MongoConnectionException>(e);
        await primary.EndedAsync();
        Assert.Equal(0, primary.ExitCode);
    }

    [Fact]
    public async Task A_member_that_lags_catches_up_from_one_that_may_not_be_primary_and_is_elected()
    {
        await using var set = await ThreeMembers.StartAsync();
        var primary = await set.PrimaryAsync();
        var (passive, lagging) = (set.Members.First(m => m != primary), set.Members.Last(m => m != primary));
        primary.Run($"{{replSetReconfig: {Config(primary, c => c["members"].AsBsonArray.Single(m => m["host"] == passive.Host)["priority"] = 0)}}}");
        await set.HealthyAsync();
        lagging.Pause();
        await set.FillAsync(Documents(0, 50));
        await primary.KillAsync();
        lagging.Resume();
        await Until.TrueAsync(() => ThreeMembers.State(lagging) == 1, TimeSpan.FromSeconds(15), lagging.Log);
        Assert.Equal(50, Count(lagging));
    }

    [Fact]
    public async Task A_write_that_no_majority_has_times_out_as_its_concern_says()
    {
        await using var set = await ThreeMembers.StartAsync();
        var primary = await set.PrimaryAsync();
        foreach (var other in set.Members.Where(m => m != primary)) await other.KillAsync();
        var failed = Assert.Throws<MongoWriteConcernException>(() => primary.Run("{insert: 'x', documents: [{_id: 1}], writeConcern: {w: 'majority', wtimeout: 200}}"));
        Assert.Equal(64, failed.WriteConcernResult.Response["writeConcernError"]["code"].AsInt32);
        // Alone, it stops being primary.
        await Until.TrueAsync(() => ThreeMembers.State(primary) == 2, TimeSpan.FromSeconds(10), primary.Log);
    }

    [Fact]
    public async Task Members_join_and_leave_one_voter_at_a_time()
    {
        await using var set = await ThreeMembers.StartAsync();
        await set.FillAsync(Documents(0, 100));
        var primary = await set.PrimaryAsync();
        await using var fourth = await MongodProcess.StartNewAsync(set.Folder["n3"], "--replSet", "rs");
        void Add(BsonDocument c, string host) => c["members"].AsBsonArray.Add(new BsonDocument { ["_id"] = c["members"].AsBsonArray.Count, ["host"] = host });

        Assert.Equal(93, Assert.Throws<MongoCommandException>(() => primary.Run($"{{replSetReconfig: {Config(primary, c => { Add(c, fourth.Host); Add(c, "127.0.0.1:9"); })}}}")).Code);
        Assert.Equal(103, Assert.Throws<MongoCommandException>(() => primary.Run($"{{replSetReconfig: {Config(primary, c => c["version"] = 1)}}}")).Code);
        primary.Run($"{{replSetReconfig: {Config(primary, c => Add(c, fourth.Host))}}}");
        await Until.TrueAsync(() => ThreeMembers.State(fourth) == 2 && Count(fourth) == 100, TimeSpan.FromSeconds(20), fourth.Log);
        primary.Run($"{{replSetReconfig: {Config(primary, c => c["members"].AsBsonArray.RemoveAt(3))}}}");
        await Until.TrueAsync(() => Record.Exception(() => fourth.Run("{replSetGetStatus: 1}")) is MongoCommandException { Code: 93 }, TimeSpan.FromSeconds(10), fourth.Log);
        Assert.Equal(3, primary.Run("{replSetGetConfig: 1}")["config"]["members"].AsBsonArray.Count);
    }

    [Fact]
    public async Task The_member_with_the_highest_priority_takes_over()
    {
        await using var set = await ThreeMembers.StartAsync();
        var primary = await set.PrimaryAsync();
        var wanted = set.Members.First(m => m != primary);
        primary.Run($"{{replSetReconfig: {Config(primary, c => c["members"].AsBsonArray.Single(m => m["host"] == wanted.Host)["priority"] = 5)}}}");
        await Until.TrueAsync(() => ThreeMembers.State(wanted) == 1, TimeSpan.FromSeconds(15), wanted.Log);
    }

    [Fact]
    public async Task Encryption_is_switched_on_member_by_member_without_losing_a_document()
    {
        const string Marker = "marker-of-the-rolling-change";
        await using var set = await ThreeMembers.StartAsync();
        await using var kmip = new FakeKmipServer(set.Folder);
        await set.Things.InsertManyAsync(Documents(0, 1000).Select(d => d.Add("marker", Marker)));
        // The third member may be a moment behind the majority.
        await Until.TrueAsync(() => set.Members.All(m => m.FilesContain(Marker)), TimeSpan.FromSeconds(10), () => "a plain member does not hold the marker");

        var primary = await set.PrimaryAsync();
        foreach (var member in set.Members.OrderBy(m => m == primary).ToArray())
        {
            if (ThreeMembers.State(member) == 1)
            {
                member.Run("{replSetStepDown: 60, secondaryCatchUpPeriodSecs: 10}");
                await set.HealthyAsync();
            }
            await member.TerminateAsync();
            Assert.Equal(0, member.ExitCode);
            member.Wipe();
            member.Extra = kmip.Options;
            await member.StartAsync();
            await set.HealthyAsync();
        }
        Assert.All(set.Members, m => Assert.False(m.FilesContain(Marker)));
        Assert.All(set.Members, m => Assert.True(m.Run("{serverStatus: 1}")["encryptionAtRest"]["encryptionEnabled"].AsBoolean));
        Assert.Equal(1000, await set.Things.CountDocumentsAsync(new BsonDocument("marker", Marker)));
        Assert.Equal(3, kmip.Keys.Count);
    }

    private static int Count(MongodProcess member) =>
        member.Direct.GetDatabase("shop").WithReadPreference(ReadPreference.Nearest).RunCommand<BsonDocument>(BsonDocument.Parse("{count: 'things'}"), ReadPreference.Nearest)["n"].AsInt32;

    private static BsonDocument Config(MongodProcess primary, Action<BsonDocument> change)
    {
        var config = primary.Run("{replSetGetConfig: 1}")["config"].AsBsonDocument;
        config["version"] = config["version"].AsInt32 + 1;
        change(config);
        return config;
    }
}
