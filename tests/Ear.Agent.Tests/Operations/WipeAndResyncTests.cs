using Ear.Nodes;

namespace Ear.Agent.Tests.Operations;

public sealed class WipeAndResyncTests
{
    [Fact]
    public async Task Data_is_replaced_under_the_new_encryption_with_the_key_that_was_proven()
    {
        using var world = new NodeWorld();
        world.Order(NodeWorld.Resync());
        await world.RunToEndAsync();

        Assert.Equal(OpPhase.Succeeded, world.Report!.Phase);
        Assert.Equal("synced, encrypted: True", await File.ReadAllTextAsync(world.Data, TestContext.Current.CancellationToken));
        Assert.Equal(EncryptionMode.Aes256Gcm, world.Db.Marker!.Encryption);
        var key = Assert.Single(world.Keys.Registered);
        Assert.Equal(key, world.LastArguments[world.LastArguments.ToList().IndexOf("--kmipKeyIdentifier") + 1]);
        Assert.Empty(world.LeftOvers);
        Assert.Equal(world.Goal.Goal, world.Latest!.AchievedGoal);
    }

    [Fact]
    public async Task Killed_at_any_moment_it_comes_to_the_same_end()
    {
        var moments = 0;
        for (var at = 1; ; at++)
        {
            using var world = new NodeWorld();
            var kills = new Kills(at);
            world.Kills = kills;
            await OrderAsync(world, NodeWorld.Resync());
            if (kills.Where is null)
                break;
            moments++;
            Assert.True(world.Report!.Phase == OpPhase.Succeeded, $"{kills.Where}: {world.Report}");
            Assert.True(await File.ReadAllTextAsync(world.Data, TestContext.Current.CancellationToken) == "synced, encrypted: True", kills.Where);
            Assert.True(!world.LeftOvers.Any() && world.Running, kills.Where);
        }

        Assert.True(moments > 20, $"Only {moments} moments were tried.");
    }

    [Fact]
    public async Task Killed_at_any_moment_of_a_re_sync_that_cannot_work_the_old_data_comes_back()
    {
        var moments = 0;
        for (var at = 1; ; at++)
        {
            using var world = new NodeWorld { CannotSync = true };
            var kills = new Kills(at);
            world.Kills = kills;
            await OrderAsync(world, NodeWorld.Resync());
            if (kills.Where is null)
                break;
            moments++;
            await ItIsAsBeforeAsync(world, "MONGOD_ERROR", kills.Where);
        }

        Assert.True(moments > 20, $"Only {moments} moments were tried.");
    }

    [Fact]
    public async Task A_sync_that_outlasts_the_deadline_is_rolled_back()
    {
        using var world = new NodeWorld();
        world.Order(NodeWorld.Resync(deadline: 20));
        for (var tick = 0; tick < 10 && world.Report?.Step != "Sync"; tick++)
        {
            await world.TickAsync();
        }

        world.Server.OnLook = null;
        await world.RunToEndAsync();
        await ItIsAsBeforeAsync(world, "DEADLINE", "deadline");
    }

    [Fact]
    public async Task A_member_that_lags_is_not_done_until_it_has_caught_up()
    {
        using var world = new NodeWorld();
        world.Order(NodeWorld.Resync());
        world.Server.LagSeconds = 60;
        for (var tick = 0; tick < 30; tick++)
        {
            await world.TickAsync();
        }

        Assert.Equal("Sync", world.Report!.Step);
        Assert.NotEmpty(world.LeftOvers);
        world.Server.LagSeconds = 1;
        await world.RunToEndAsync();
        Assert.Equal(OpPhase.Succeeded, world.Report!.Phase);
    }

    [Fact]
    public async Task A_primary_is_never_wiped()
    {
        using var world = new NodeWorld(FakeSet.Of(NodeWorld.Self, "n0:27017", "n2:27017"));
        await RefusedAsync(world, NodeWorld.Resync(), "PRECONDITION_FAILED");
    }

    [Fact]
    public async Task Nothing_is_wiped_while_another_member_is_unhealthy()
    {
        using var world = new NodeWorld();
        world.Set.At("n2:27017").Up = false;
        await RefusedAsync(world, NodeWorld.Resync(), "PRECONDITION_FAILED");
    }

    [Fact]
    public async Task Nothing_is_wiped_without_a_peer_to_ask()
    {
        using var world = new NodeWorld();
        await RefusedAsync(world, NodeWorld.Resync() with { Peers = [] }, "PRECONDITION_FAILED");
    }

    [Fact]
    public async Task Nothing_is_wiped_when_the_new_key_cannot_be_wrapped_and_read()
    {
        using var world = new NodeWorld();
        world.Keys.Outage = true;
        await RefusedAsync(world, NodeWorld.Resync(), "KEY_UNAVAILABLE");
    }

    [Fact]
    public async Task Nothing_is_wiped_on_an_expired_lease()
    {
        using var world = new NodeWorld();
        await RefusedAsync(world, NodeWorld.Resync(lease: 0), "LEASE_EXPIRED");
    }

    [Fact]
    public async Task A_lease_that_ends_while_mongod_stops_leaves_the_data_and_starts_it_again()
    {
        using var world = new NodeWorld();
        var ended = world.Server.OnShutdown;
        world.Server.OnShutdown = () =>
        {
            ended!();
            world.Time.Advance(TimeSpan.FromMinutes(2));
        };
        world.Order(NodeWorld.Resync(lease: 60));
        await world.RunToEndAsync();
        await ItIsAsBeforeAsync(world, "LEASE_EXPIRED", "lease");
    }

    [Fact]
    public async Task A_dbPath_without_the_marker_is_never_wiped()
    {
        using var world = new NodeWorld();
        File.Delete(Path.Combine(world.DbFolder, "ear-node.json"));
        world.Order(NodeWorld.Resync());
        await world.RunToEndAsync();

        Assert.Equal("PRECONDITION_FAILED", world.Report!.ErrorCode);
        Assert.Equal(NodeWorld.Old, await File.ReadAllTextAsync(world.Data, TestContext.Current.CancellationToken));
        Assert.Equal(0, world.Starts);
    }

    [Fact]
    public async Task A_goal_remembered_from_disk_leases_nothing()
    {
        using var world = new NodeWorld();
        world.Kills = new Kills(1);
        world.Order(NodeWorld.Resync());
        await Assert.ThrowsAsync<AgentKilledException>(world.TickAsync);
        // The agent comes back while the control plane is away: it remembers the operation, but nobody says that it still holds.
        world.Kills = new Kills(int.MaxValue);
        world.StartAgent(hearsItsGoal: false);
        await world.RunToEndAsync();

        Assert.Equal(OpPhase.Failed, world.Report!.Phase);
        Assert.Equal(0, world.Starts);
        Assert.Equal(NodeWorld.Old, await File.ReadAllTextAsync(world.Data, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_stop_order_in_the_middle_pauses_it_and_a_start_order_finishes_it()
    {
        using var world = new NodeWorld();
        world.Order(NodeWorld.Resync(deadline: 60));
        for (var tick = 0; tick < 10 && world.Report?.Step != "Sync"; tick++)
        {
            await world.TickAsync();
        }

        Assert.True(world.Hear(world.Goal with { Goal = 10, Process = WantedProcess.Stopped, Verdict = GoalVerdict.Invalid }));
        for (var tick = 0; tick < 100; tick++)
        {
            await world.TickAsync();
        }

        Assert.False(world.Running);
        Assert.Equal(OpPhase.Running, world.Report!.Phase);
        Assert.NotEmpty(world.LeftOvers);

        world.Goal = world.Goal with { Goal = 11 };
        Assert.True(world.Hear(world.Goal));
        await world.RunToEndAsync();
        Assert.Equal(OpPhase.Succeeded, world.Report!.Phase);
    }

    private static async Task OrderAsync(NodeWorld world, NodeOp op)
    {
        world.Order(op);
        await world.RunToEndAsync();
    }

    private static async Task RefusedAsync(NodeWorld world, NodeOp op, string code)
    {
        world.Order(op);
        await world.RunToEndAsync();
        Assert.Equal((OpPhase.Failed, code), (world.Report!.Phase, world.Report.ErrorCode));
        Assert.Equal(NodeWorld.Old, await File.ReadAllTextAsync(world.Data, TestContext.Current.CancellationToken));
        Assert.True(world.Running && world.Starts == 0, "mongod was touched.");
        Assert.DoesNotContain(world.Set.Commands, command => command.EndsWith("shutdown", StringComparison.Ordinal));
    }

    private static async Task ItIsAsBeforeAsync(NodeWorld world, string code, string where)
    {
        Assert.True(world.Report is { Phase: OpPhase.Failed } && world.Report.ErrorCode == code, $"{where}: {world.Report}");
        Assert.True(await File.ReadAllTextAsync(world.Data, TestContext.Current.CancellationToken) == NodeWorld.Old, where);
        Assert.True(world.Db.Marker!.Encryption == EncryptionMode.None && !world.LeftOvers.Any(), where);
        for (var tick = 0; tick < 60 && !world.Running; tick++)
        {
            await world.TickAsync();
        }

        Assert.True(world is { Running: true, Server.Up: true } && !world.LastArguments.Contains("--enableEncryption"), where);
    }
}
