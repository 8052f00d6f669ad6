using Ear.Agent.Tests.Operations;
using Ear.Nodes;

namespace Ear.Agent.Tests.Processes;

public sealed class SupervisorTests
{
    [Fact]
    public async Task A_crashed_mongod_is_started_again_with_growing_waits()
    {
        using var world = new NodeWorld();
        world.StartAgent();
        await world.TickAsync();
        File.Delete(world.Data);
        world.CannotSync = true;
        await world.TickAsync();
        Kill(world);
        var starts = new List<int>();
        for (var second = 0; second < 240; second++)
        {
            var before = world.Starts;
            await world.TickAsync();
            if (world.Starts > before)
                starts.Add(second);
        }

        // 1 s doubling to 30 s, each shortened by up to half, and a second to notice: never a storm, never given up.
        Assert.InRange(starts.Count, 9, 22);
        Assert.True(starts[^1] - starts[^2] is >= 15 and <= 32, string.Join(' ', starts));
    }

    [Fact]
    public async Task An_encrypted_mongod_waits_for_its_key_and_starts_as_soon_as_it_is_valid()
    {
        using var world = Encrypted();
        world.Keys.Outage = true;
        Kill(world);
        for (var second = 0; second < 100; second++)
        {
            await world.TickAsync();
        }

        Assert.Equal(0, world.Starts);
        Assert.Equal("key", world.Latest!.WaitingFor);

        world.Keys.Outage = false;
        Assert.True(world.Hear(world.Goal with { Goal = 10, Verdict = GoalVerdict.Unreachable }));
        await world.TickAsync();
        Assert.True(world.Hear(world.Goal with { Goal = 11, Verdict = GoalVerdict.Valid }));
        await world.TickAsync();
        await world.TickAsync();
        Assert.Equal(1, world.Starts);
        Assert.Null(world.Latest.WaitingFor);
    }

    [Fact]
    public async Task An_encrypted_mongod_is_not_started_on_an_invalid_key()
    {
        using var world = Encrypted();
        Kill(world);
        Assert.True(world.Hear(world.Goal with { Goal = 10, Verdict = GoalVerdict.Invalid }));
        for (var second = 0; second < 100; second++)
        {
            await world.TickAsync();
        }

        Assert.Equal(0, world.Starts);
    }

    [Fact]
    public async Task A_key_that_cannot_be_reached_stops_nothing()
    {
        using var world = Encrypted();
        world.Keys.Outage = true;
        Assert.True(world.Hear(world.Goal with { Goal = 10, Verdict = GoalVerdict.Unreachable }));
        for (var second = 0; second < 100; second++)
        {
            await world.TickAsync();
        }

        Assert.True(world.Running);
        Assert.DoesNotContain(world.Set.Commands, command => command.EndsWith("shutdown", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stop_order_is_carried_out_and_achieved_whatever_the_key_says()
    {
        using var world = Encrypted();
        world.Keys.Outage = true;
        Assert.True(world.Hear(world.Goal with { Goal = 10, Process = WantedProcess.Stopped, Verdict = GoalVerdict.Invalid }));
        await world.TickAsync();
        await world.TickAsync();
        Assert.False(world.Running);
        Assert.Equal(10, world.Latest!.AchievedGoal);
        Assert.Equal(MemberRole.Down, world.Latest.Mongod.Role);
    }

    [Fact]
    public async Task Files_of_somebody_else_are_never_used_as_a_dbPath()
    {
        using var world = new NodeWorld();
        File.Delete(Path.Combine(world.DbFolder, "ear-node.json"));
        Kill(world);
        world.StartAgent();
        await world.TickAsync();
        await world.TickAsync();
        Assert.Equal(0, world.Starts);
        Assert.Contains("not touched", world.Latest!.WaitingFor, StringComparison.Ordinal);
    }

    private static NodeWorld Encrypted()
    {
        var world = new NodeWorld();
        world.Keys.Add("k", new byte[32]);
        world.Server.Encrypted = true;
        world.Server.KeyId = "k";
        world.Db.Mark(world.Db.Marker! with { Encryption = EncryptionMode.Aes256Gcm, KeyId = "k" });
        world.Goal = world.Goal with { Encryption = EncryptionMode.Aes256Gcm };
        world.StartAgent();
        return world;
    }

    private static void Kill(NodeWorld world) => ((Ear.Agent.Processes.IProcessHost)world).Kill(new(1, 1, "boot"));
}
