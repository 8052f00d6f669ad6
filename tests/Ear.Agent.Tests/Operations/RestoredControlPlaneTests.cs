using Ear.Clusters;
using Ear.Copies;
using Ear.Nodes;

namespace Ear.Agent.Tests.Operations;

/// <summary>The control plane's state was restored from a copy: it says less than what this agent has lived through since.</summary>
public sealed class RestoredControlPlaneTests
{
    private const long Restore = 1_795_000_000_000;
    private const string Resynced = "synced, encrypted: True";

    [Fact]
    public async Task A_node_that_has_seen_later_goals_obeys_and_does_not_do_again_what_the_copy_had_ordered()
    {
        using var world = await LivedOnAsync();
        var starts = world.Starts;
        // As the store would tell it without any care: not heard at all.
        Assert.False(world.Hear(Copied().Goal));

        var restored = AfterRestore.Of(Copied(), Restore);
        Assert.True(world.Hear(restored.Goal));
        for (var tick = 0; tick < 20; tick++)
            await world.TickAsync();

        Assert.Equal((Resynced, starts, true), (await File.ReadAllTextAsync(world.Data, TestContext.Current.CancellationToken), world.Starts, world.Running));
        Assert.Empty(world.LeftOvers);
        Assert.Equal(restored.Goal.Goal, world.Latest!.AchievedGoal);
        Assert.Equal(EncryptionMode.Aes256Gcm, world.Latest.Encryption);
    }

    [Fact]
    public async Task Without_that_care_the_copy_would_have_the_data_wiped_again()
    {
        using var world = await LivedOnAsync();

        Assert.True(world.Hear(Copied().Goal with { Goal = Restore, Fence = Restore }));
        for (var tick = 0; tick < 40 && world.Report?.Id != "g1-WipeAndResync-2"; tick++)
            await world.TickAsync();

        Assert.Equal("g1-WipeAndResync-2", world.Report!.Id);
    }

    [Fact]
    public async Task An_order_after_the_restore_is_carried_out()
    {
        using var world = await LivedOnAsync();
        var restored = AfterRestore.Of(Copied(), Restore).Goal;
        Assert.True(world.Hear(restored));
        await world.TickAsync();

        var order = new NodeOp($"g1-{NodeOpKind.Restart}-{restored.Goal + 1}", NodeOpKind.Restart, 300, 900);
        Assert.True(world.Hear(restored with { Goal = restored.Goal + 1, Op = order, InstanceSize = "M20" }));
        for (var tick = 0; tick < 40 && !(world.Report is { Phase: OpPhase.Succeeded } report && report.Id == order.Id); tick++)
            await world.TickAsync();

        Assert.Equal((order.Id, OpPhase.Succeeded), (world.Report!.Id, world.Report.Phase));
    }

    [Fact]
    public async Task An_operation_that_is_under_way_is_brought_to_its_end()
    {
        using var world = new NodeWorld();
        world.Order(NodeWorld.Resync("g1-WipeAndResync-2"));
        for (var tick = 0; tick < 30 && world.Report?.Step != "Sync"; tick++)
            await world.TickAsync();
        Assert.Equal("Sync", world.Report!.Step);

        // The copy was made before the order.
        Assert.True(world.Hear(AfterRestore.Of(Copied() with { Goal = Copied().Goal with { Encryption = EncryptionMode.None, Op = null } }, Restore).Goal));
        for (var tick = 0; tick < 60 && world.Report!.Phase is OpPhase.Running; tick++)
            await world.TickAsync();

        Assert.Equal(OpPhase.Succeeded, world.Report!.Phase);
        Assert.Equal(Resynced, await File.ReadAllTextAsync(world.Data, TestContext.Current.CancellationToken));
        Assert.True(world.Running);
    }

    /// <summary>The node as it was copied: in the middle of being re-synced.</summary>
    private static Ear.Nodes.Node Copied()
    {
        var project = Fakes.FakeControlPlane.Project;
        var cluster = new ClusterRef(project, ClusterName.Parse("orders", null), ClusterId.FromValid("5c0000000000000000000001"));
        var goal = new NodeGoal(2, 1, WantedProcess.Running, EncryptionMode.Aes256Gcm, "M10", "rs", GoalVerdict.Valid, null) { Op = NodeWorld.Resync("g1-WipeAndResync-2") };
        return new Ear.Nodes.Node(NodeId.FromValid("6e0000000000000000000001"), project, cluster, 1, goal) { AgentKey = "key", HostPort = NodeWorld.Self };
    }

    /// <summary>Since the copy: the re-sync ended, was taken off the goal, and a restart came after it.</summary>
    private static async Task<NodeWorld> LivedOnAsync()
    {
        var world = new NodeWorld();
        world.Order(NodeWorld.Resync("g1-WipeAndResync-2"));
        await world.RunToEndAsync();
        Assert.Equal(OpPhase.Succeeded, world.Report!.Phase);
        world.Goal = world.Goal with { Goal = 11, Fence = 4, Op = null };
        world.Order(new NodeOp("g2-Restart-12", NodeOpKind.Restart, 300, 900));
        await world.RunToEndAsync();
        Assert.Equal(("g2-Restart-12", OpPhase.Succeeded), (world.Report!.Id, world.Report.Phase));
        Assert.Equal(Resynced, await File.ReadAllTextAsync(world.Data, TestContext.Current.CancellationToken));
        return world;
    }
}
