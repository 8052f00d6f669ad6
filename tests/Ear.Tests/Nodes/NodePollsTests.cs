using Ear.Nodes;
using Ear.Tests.CustomerKeys.Validation;
using Ear.Tests.Fakes;

namespace Ear.Tests.Nodes;

public sealed class NodePollsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public async Task A_goal_that_the_agent_does_not_know_is_told_at_once(long known)
    {
        var node = await EnrolledNode.MakeAsync();
        Assert.Equal(1, (await PollAsync(node, known)).Value!.Goal);
    }

    [Fact]
    public async Task A_known_goal_is_waited_with_for_fifty_seconds()
    {
        var node = await EnrolledNode.MakeAsync();
        var poll = PollAsync(node, known: 1);
        await AdvanceAsync(node, poll, seconds: 49);
        Assert.False(poll.IsCompleted, "The poll ended early.");
        await AdvanceAsync(node, poll, seconds: 2);
        Assert.Equal(default, await poll);
    }

    [Fact]
    public async Task A_goal_that_changes_in_this_process_is_told_without_a_tick_of_the_clock()
    {
        var node = await EnrolledNode.MakeAsync();
        var poll = PollAsync(node, known: 1);
        var (stored, version) = (await node.Store.FindAsync(ConfiguredProject.Id, EnrolledNode.Id, Cancellation))!;
        await new NodeGoals(node.Store, node.Bell).SaveAsync(stored with { Goal = stored.Goal with { Goal = 2 } }, version, [], Cancellation);

        Assert.Equal(2, (await poll.WaitAsync(TimeSpan.FromSeconds(30), Cancellation)).Value!.Goal);
    }

    [Fact]
    public async Task A_goal_that_another_process_wrote_is_told_within_a_second()
    {
        var node = await EnrolledNode.MakeAsync();
        var poll = PollAsync(node, known: 1);
        await node.ChangeAsync(n => n with { Goal = n.Goal with { Goal = 2 } });
        await AdvanceAsync(node, poll, seconds: 1);
        Assert.Equal(2, (await poll.WaitAsync(TimeSpan.FromSeconds(30), Cancellation)).Value!.Goal);
    }

    [Fact]
    public async Task A_host_that_stops_waits_for_no_idle_agent()
    {
        var node = await EnrolledNode.MakeAsync();
        using var stop = new CancellationTokenSource();
        var poll = node.Polls.PollAsync(ConfiguredProject.Id, EnrolledNode.Id, new(EnrolledNode.Report(), 1), stop.Token, Cancellation);
        Assert.False(poll.IsCompleted, "The poll ended early.");
        await stop.CancelAsync();
        Assert.Equal(default, await poll.WaitAsync(TimeSpan.FromSeconds(30), Cancellation));
    }

    [Fact]
    public async Task A_removed_node_is_told_to_forget()
    {
        var node = await EnrolledNode.MakeAsync();
        await node.ChangeAsync(n => n with { Removed = true });
        Assert.Equal(AgentFault.Removed, (await PollAsync(node, known: 1)).Fault);
    }

    [Fact]
    public async Task An_agent_that_hangs_up_is_not_waited_with()
    {
        var node = await EnrolledNode.MakeAsync();
        using var hangUp = new CancellationTokenSource();
        var poll = node.Polls.PollAsync(ConfiguredProject.Id, EnrolledNode.Id, new(EnrolledNode.Report(), 1), CancellationToken.None, hangUp.Token);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => poll);
    }

    [Fact]
    public async Task An_idle_node_is_written_every_half_minute_and_news_at_once()
    {
        var node = await EnrolledNode.MakeAsync();
        await TakeAsync(node, EnrolledNode.Report());
        var (writes, told) = (0, node.Told);
        node.Store.Fault = point => writes += point is SavePoint.AfterCommit ? 1 : 0;
        for (var second = 0; second < 60; second++)
        {
            node.Time.Advance(TimeSpan.FromSeconds(1));
            await TakeAsync(node, EnrolledNode.Report(sequence: second, lag: second % 3));
        }
        Assert.Equal((2, told), (writes, node.Told));

        await TakeAsync(node, EnrolledNode.Report(lag: 11));
        await TakeAsync(node, EnrolledNode.Report(role: MemberRole.Primary, lag: null));
        Assert.Equal((4, told + 2), (writes, node.Told));
    }

    [Fact]
    public async Task A_report_that_was_overtaken_is_answered_and_not_taken_over_the_newer_one()
    {
        var node = await EnrolledNode.MakeAsync();
        await TakeAsync(node, EnrolledNode.Report(sequence: 8, role: MemberRole.Primary) with { AgentStart = "a" });
        node.Time.Advance(TimeSpan.FromMinutes(1));
        var heard = (await node.NodeAsync()).HeardAt;
        foreach (var late in (long[])[7, 8])
            Assert.Equal(MemberRole.Primary, (await TakeAsync(node, EnrolledNode.Report(late, MemberRole.Recovering) with { AgentStart = "a" }))!.Report!.Mongod.Role);

        Assert.Equal((MemberRole.Primary, heard), ((await node.NodeAsync()).Report!.Mongod.Role, (await node.NodeAsync()).HeardAt));
        Assert.Equal(1, (await node.Polls.PollAsync(ConfiguredProject.Id, EnrolledNode.Id, new(EnrolledNode.Report(7) with { AgentStart = "a" }, 0), CancellationToken.None, Cancellation)).Value!.Goal);
    }

    [Theory]
    [InlineData("a", "other boot")]
    [InlineData("b", "boot")]
    [InlineData(null, "boot")]
    public async Task After_a_start_of_the_machine_or_of_the_agent_or_of_an_older_agent_that_does_not_say_counting_begins_anew(string? start, string boot)
    {
        var node = await EnrolledNode.MakeAsync();
        await TakeAsync(node, EnrolledNode.Report(sequence: 8, role: MemberRole.Primary) with { AgentStart = start is null ? null : "a" });
        await TakeAsync(node, EnrolledNode.Report(sequence: 1, role: MemberRole.Recovering) with { AgentStart = start, BootId = boot });
        Assert.Equal(MemberRole.Recovering, (await node.NodeAsync()).Report!.Mongod.Role);
    }

    private static Task<AgentReply<NodeGoal>> PollAsync(EnrolledNode node, long known)
        => node.Polls.PollAsync(ConfiguredProject.Id, EnrolledNode.Id, new(EnrolledNode.Report(), known), CancellationToken.None, Cancellation);

    private static Task<Node?> TakeAsync(EnrolledNode node, NodeReport report)
        => node.Reports.TakeAsync(ConfiguredProject.Id, EnrolledNode.Id, report, Cancellation);

    // The poll's own timer is armed on another thread: each tick gives it the time to.
    private static async Task AdvanceAsync(EnrolledNode node, Task poll, int seconds)
    {
        for (var tick = 0; tick < seconds * 10 && !poll.IsCompleted; tick++)
        {
            node.Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(5, Cancellation);
        }
    }
}
