using Ear.Agent.ControlPlane;
using Ear.Agent.Goals;
using Ear.Agent.Tests.Fakes;
using Ear.Nodes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ear.Agent.Tests.Goals;

public sealed class PollLoopTests
{
    private static readonly NodeReport Report = new("1", "boot", 0, 0, "127.0.0.1:1", MongodReport.Stopped, EncryptionMode.None, null, "M10", GoalVerdict.None);

    [Fact]
    public async Task A_goal_is_heard_while_the_poll_waits()
    {
        await using var agent = await EnrolledAgent.StartAsync();
        await using var polling = new Polling(agent);
        polling.Board.Publish(Report);
        await Eventually.HoldsAsync(() => agent.Node.Polls > 0, "the agent polls");
        agent.Node.Goal = Goal(7);
        await Eventually.HoldsAsync(() => agent.Goals.Current?.Goal == 7, "the goal is heard");
        await Eventually.HoldsAsync(() => agent.Node.LastKnownGoal == 7, "the agent says that it knows it");
    }

    [Fact]
    public async Task Something_new_to_report_cuts_the_waiting_poll_short_and_small_change_does_not()
    {
        await using var agent = await EnrolledAgent.StartAsync();
        await using var polling = new Polling(agent);
        polling.Board.Publish(Report);
        await Eventually.HoldsAsync(() => agent.Node.Polls == 1, "the agent polls");
        polling.Board.Publish(Report with { DiskFreeBytes = 1, WaitingFor = null });
        polling.Board.Publish(Report with { Mongod = Report.Mongod with { Up = true, Role = MemberRole.Secondary } });
        await Eventually.HoldsAsync(() => agent.Node.Report!.Mongod.Up, "the new report is there", 10);
        Assert.Equal(2, agent.Node.Polls);
        Assert.Equal(2, agent.Node.Report!.Sequence);
        Assert.NotNull(agent.Node.Report!.AgentStart);
        using var afterAStart = new ReportBoard(new SystemIds(TimeProvider.System));
        afterAStart.Publish(Report);
        Assert.NotEqual(afterAStart.Take().Report.AgentStart, agent.Node.Report!.AgentStart);
    }

    [Fact]
    public async Task A_report_is_sent_in_the_trace_of_what_the_node_does()
    {
        const string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await using var agent = await EnrolledAgent.StartAsync();
        await using var polling = new Polling(agent);
        polling.Board.Publish(Report);
        await Eventually.HoldsAsync(() => agent.Node.Polls == 1, "the agent polls");
        Assert.DoesNotContain("b7ad6b7169203331", agent.Node.LastTrace ?? "", StringComparison.Ordinal);

        polling.Board.Trace = trace;
        polling.Board.Publish(Report with { AchievedGoal = 3 });
        await Eventually.HoldsAsync(() => agent.Node.LastTrace == trace, "the report carries the trace");
    }

    [Fact]
    public async Task An_outage_is_waited_out_and_the_goal_kept()
    {
        await using var agent = await EnrolledAgent.StartAsync();
        await using var polling = new Polling(agent);
        agent.Node.Goal = Goal(3);
        polling.Board.Publish(Report);
        await Eventually.HoldsAsync(() => agent.Goals.Current?.Goal == 3, "the goal is heard");
        agent.ControlPlane.ProxyStatus = 502;
        agent.Node.Goal = Goal(4);
        polling.Board.Publish(Report with { AchievedGoal = 3 });
        Assert.Equal(3, agent.Goals.Current!.Goal);
        agent.ControlPlane.ProxyStatus = null;
        await Eventually.HoldsAsync(() => agent.Goals.Current.Goal == 4, "the next goal is heard after the outage");
    }

    [Fact]
    public async Task Only_the_control_planes_own_410_removes_the_node()
    {
        await using var agent = await EnrolledAgent.StartAsync();
        await using var polling = new Polling(agent);
        agent.ControlPlane.ProxyStatus = 410;
        polling.Board.Publish(Report);
        await Eventually.HoldsAsync(() => agent.Logs.Text.Contains("Control plane away", StringComparison.Ordinal), "the outage is noticed");
        Assert.False(agent.Goals.Removed);

        agent.Node.Removed = true;
        agent.ControlPlane.ProxyStatus = null;
        await Eventually.HoldsAsync(() => agent.Goals.Removed, "the node is removed");
        await polling.Ended;
    }

    private static NodeGoal Goal(long goal) => new(goal, 1, WantedProcess.Running, EncryptionMode.None, "M10", "rs", GoalVerdict.None, null);

    private sealed class Polling : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();

        public Polling(EnrolledAgent agent)
        {
            var loop = new PollLoop(agent.Client, agent.Goals, Board, TimeProvider.System, new SystemIds(TimeProvider.System), agent.LoggerFor<PollLoop>());
            Ended = loop.RunAsync(stop.Token);
        }

        public ReportBoard Board { get; } = new(new SystemIds(TimeProvider.System));

        public Task Ended { get; }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await Ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Board.Dispose();
            stop.Dispose();
        }
    }
}
