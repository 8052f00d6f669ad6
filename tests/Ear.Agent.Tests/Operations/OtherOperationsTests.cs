using Ear.Nodes;

namespace Ear.Agent.Tests.Operations;

public sealed class OtherOperationsTests
{
    private const string Other = "n0:27017";
    private const string New = "n9:27017";

    [Fact]
    public async Task Initiate_makes_a_set_of_this_node_alone_killed_at_any_moment()
    {
        await AtAnyMomentAsync(
            () => new NodeWorld(new FakeSet()),
            new NodeOp("op", NodeOpKind.Initiate, 60, 60),
            world =>
            {
                Assert.Equal([NodeWorld.Self], world.Set.Hosts);
                Assert.Equal(MemberRole.Primary, world.Server.Role);
            });
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(0.5, true)]
    public async Task AdmitMember_gives_the_member_its_priority_or_leaves_it_to_mongod(double? priority, bool said)
    {
        using var world = new NodeWorld(FakeSet.Of(NodeWorld.Self, Other));
        world.Order(new NodeOp("op", NodeOpKind.AdmitMember, 60, 60) { Member = New, Priority = priority });
        await world.RunToEndAsync();
        var member = world.Set.Config!["members"].AsBsonArray[2].AsBsonDocument;
        Assert.Equal(said, member.Contains("priority"));
        if (said)
            Assert.Equal(priority, member["priority"].ToDouble());
    }

    [Fact]
    public async Task AdmitMember_adds_the_member_once_killed_at_any_moment()
    {
        await AtAnyMomentAsync(
            () => new NodeWorld(FakeSet.Of(NodeWorld.Self, Other)),
            new NodeOp("op", NodeOpKind.AdmitMember, 60, 60) { Member = New },
            world => Assert.Equal([NodeWorld.Self, Other, New], world.Set.Hosts));
    }

    [Fact]
    public async Task RemoveMember_removes_the_member_killed_at_any_moment()
    {
        await AtAnyMomentAsync(
            () => new NodeWorld(FakeSet.Of(NodeWorld.Self, Other, New)),
            new NodeOp("op", NodeOpKind.RemoveMember, 60, 60) { Member = New },
            world => Assert.Equal([NodeWorld.Self, Other], world.Set.Hosts));
    }

    [Fact]
    public async Task StepDown_ends_with_another_primary_killed_at_any_moment()
    {
        await AtAnyMomentAsync(
            () => new NodeWorld(FakeSet.Of(NodeWorld.Self, Other)),
            new NodeOp("op", NodeOpKind.StepDown, 60, 60),
            world => Assert.NotEqual(world.Server, world.Set.Primary));
    }

    [Fact]
    public async Task Restart_starts_mongod_again_with_the_goals_size_killed_at_any_moment()
    {
        await AtAnyMomentAsync(
            () =>
            {
                var world = new NodeWorld();
                world.Goal = world.Goal with { InstanceSize = "M30" };
                return world;
            },
            new NodeOp("op", NodeOpKind.Restart, 60, 60),
            world =>
            {
                Assert.True(world.Starts >= 1);
                Assert.Equal("3.5", world.LastArguments[world.LastArguments.ToList().IndexOf("--wiredTigerCacheSizeGB") + 1]);
                Assert.Equal("M30", world.Latest!.InstanceSize);
            });
    }

    [Fact]
    public async Task A_step_down_without_a_caught_up_secondary_is_asked_again_and_never_forced()
    {
        using var world = new NodeWorld(FakeSet.Of(NodeWorld.Self, Other));
        world.Set.NobodyCaughtUp = true;
        world.Order(new NodeOp("op", NodeOpKind.StepDown, 60, 40));
        for (var tick = 0; tick < 12; tick++)
        {
            await world.TickAsync();
        }

        Assert.InRange(world.Set.Commands.Count(command => command.EndsWith("replSetStepDown", StringComparison.Ordinal)), 2, 4);
        Assert.Equal(OpPhase.Running, world.Report!.Phase);
        await world.RunToEndAsync();
        Assert.Equal("DEADLINE", world.Report!.ErrorCode);
        Assert.Equal(MemberRole.Primary, world.Server.Role);
    }

    [Fact]
    public async Task A_member_change_on_a_secondary_is_refused()
    {
        using var world = new NodeWorld();
        world.Order(new NodeOp("op", NodeOpKind.AdmitMember, 60, 60) { Member = New });
        await world.RunToEndAsync();
        Assert.Equal("PRECONDITION_FAILED", world.Report!.ErrorCode);
        Assert.DoesNotContain(New, world.Set.Hosts);
    }

    [Fact]
    public async Task A_primary_does_not_remove_itself()
    {
        using var world = new NodeWorld(FakeSet.Of(NodeWorld.Self, Other));
        world.Order(new NodeOp("op", NodeOpKind.RemoveMember, 60, 60) { Member = NodeWorld.Self });
        await world.RunToEndAsync();
        Assert.Equal("PRECONDITION_FAILED", world.Report!.ErrorCode);
    }

    [Fact]
    public async Task A_finished_operation_that_is_told_again_is_not_carried_out_again()
    {
        using var world = new NodeWorld();
        world.Order(new NodeOp("op", NodeOpKind.Restart, 60, 60));
        await world.RunToEndAsync();
        Assert.True(world.Hear(world.Goal with { Goal = 50 }));
        for (var tick = 0; tick < 10; tick++)
        {
            await world.TickAsync();
        }

        Assert.Equal(1, world.Starts);
        Assert.Equal(50, world.Latest!.AchievedGoal);
    }

    private static async Task AtAnyMomentAsync(Func<NodeWorld> make, NodeOp op, Action<NodeWorld> holds)
    {
        for (var at = 1; ; at++)
        {
            using var world = make();
            var kills = new Kills(at);
            world.Kills = kills;
            world.Order(op);
            await world.RunToEndAsync();
            Assert.True(world.Report!.Phase == OpPhase.Succeeded, $"{kills.Where}: {world.Report}");
            holds(world);
            if (kills.Where is null)
            {
                Assert.True(at > 4, "Hardly a moment was tried.");
                return;
            }
        }
    }
}
