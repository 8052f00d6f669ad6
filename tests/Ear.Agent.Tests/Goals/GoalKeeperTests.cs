using Ear.Agent.Goals;
using Ear.Agent.Storage;
using Ear.Agent.Tests.Fakes;
using Ear.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Agent.Tests.Goals;

public sealed class GoalKeeperTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly JumpingClock time = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Goals_and_fences_only_grow_also_over_a_restart()
    {
        Assert.True(Keeper().Accept(Goal(5, 2)));
        var keeper = Keeper();
        Assert.False(keeper.Accept(Goal(4, 2)));
        Assert.False(keeper.Accept(Goal(6, 1)));
        Assert.Equal((5, 2), (keeper.Current!.Goal, keeper.Current.Fence));
        Assert.True(keeper.Accept(Goal(6, 2)));
        Assert.Equal(6, Keeper().Current!.Goal);
    }

    [Fact]
    public void A_restarted_agent_asks_for_its_goal_anew()
    {
        Keeper().Accept(Goal(5, 1));
        var keeper = Keeper();
        Assert.Equal(0, keeper.KnownGoal);
        keeper.Accept(Goal(5, 1));
        Assert.Equal(5, keeper.KnownGoal);
    }

    [Fact]
    public void A_lease_counts_from_receipt_and_not_at_all_from_disk()
    {
        var goal = Goal(5, 1) with { Op = new NodeOp("op", NodeOpKind.WipeAndResync, LeaseSeconds: 60, DeadlineSeconds: 600) };
        var keeper = Keeper();
        keeper.Accept(goal);
        time.Advance(TimeSpan.FromSeconds(45));
        Assert.Equal(TimeSpan.FromSeconds(15), keeper.LeaseLeft("op"));
        Assert.Equal(TimeSpan.Zero, keeper.LeaseLeft("another"));
        // A wall clock that jumps back gives nothing back.
        time.WallClockOffset = TimeSpan.FromDays(-1);
        time.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal(TimeSpan.Zero, keeper.LeaseLeft("op"));
        Assert.Equal(TimeSpan.Zero, Keeper().LeaseLeft("op"));
    }

    [Fact]
    public void A_damaged_state_file_is_named_and_not_forgotten_over()
    {
        Keeper().Accept(Goal(5, 1));
        File.WriteAllText(folder["agent.state.json"], "{\"goal\":");
        var exception = Assert.Throws<InvalidDataException>(() => Keeper());
        Assert.Contains("agent.state.json", exception.Message, StringComparison.Ordinal);
    }

    private GoalKeeper Keeper() => new(new AgentStateStore(new AgentFolder(folder.Path)), time, NullLogger<GoalKeeper>.Instance);

    private static NodeGoal Goal(long goal, long fence) => new(goal, fence, WantedProcess.Running, EncryptionMode.None, "M10", "rs", GoalVerdict.None, null);

    /// <summary>A wall clock that is set while the monotonic one goes on.</summary>
    private sealed class JumpingClock : TimeProvider
    {
        private readonly FakeTimeProvider inner = new();

        public TimeSpan WallClockOffset { get; set; }

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + WallClockOffset;

        public override long GetTimestamp() => inner.GetTimestamp();

        public void Advance(TimeSpan by) => inner.Advance(by);
    }
}
