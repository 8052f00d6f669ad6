using System.Text.Json;
using Ear.Clusters;
using Ear.Nodes;
using Ear.Outcomes;
using Ear.Tests.Fakes;

namespace Ear.Tests.Nodes;

/// <summary>Machines of an operator (ADR-0014).</summary>
public sealed class AwaitedNodesTests
{
    [Fact]
    public async Task Each_node_is_announced_once_and_then_only_waited_for()
    {
        var cluster = await AwaitedCluster.MakeAsync();
        var stored = cluster.Store.Everything;
        cluster.Time.Advance(TimeSpan.FromDays(3));

        var move = await cluster.ReconcileAsync();

        Assert.Contains("waits for a machine of the operator", Assert.IsType<Move.Wait>(move).Why);
        Assert.True(cluster.Store.IsUnchangedSince(stored), "Waiting wrote something.");
        var told = await cluster.EventsAsync();
        Assert.Equal(["NODE_AWAITED", "NODE_AWAITED", "NODE_AWAITED"], told.Select(e => e.Type));
        Assert.Equal((await cluster.TasksAsync(MachineTask.Provide)).OrderBy(n => n.Index).Select(n => (n.Id.Value, n.Index.ToString())), told.Select(e => (e.NodeId!, e.Details["index"])));
    }

    [Fact]
    public async Task Nodes_that_nobody_wants_any_more_are_not_waited_for()
    {
        var cluster = await AwaitedCluster.MakeAsync();
        await cluster.WishAsync(members: 5);
        Assert.Equal([0, 1, 2, 3, 4], (await cluster.TasksAsync(MachineTask.Provide)).Select(n => n.Index).Order());

        await cluster.WishAsync(members: 3);

        Assert.Equal([0, 1, 2], (await cluster.TasksAsync(MachineTask.Provide)).Select(n => n.Index).Order());
        Assert.Equal(2, (await cluster.EventsAsync()).Count(e => e.Type == "NODE_RELEASED"));
    }

    [Fact]
    public async Task An_announcement_whose_save_was_not_heard_of_is_made_once_all_the_same()
    {
        var deaths = 0;
        var cluster = await AwaitedCluster.MakeAsync(at =>
        {
            if (at is SavePoint.AfterCommit && deaths++ % 2 == 0)
                throw new IOException("died");
        });

        Assert.InRange(deaths, 6, 100);
        Assert.Equal(3, (await cluster.EventsAsync()).Count);
        Assert.Equal(3, (await cluster.TasksAsync(MachineTask.Provide)).Count);
    }

    [Fact]
    public async Task A_token_lets_an_agent_in_and_the_node_waits_no_more()
    {
        var cluster = await AwaitedCluster.MakeAsync();
        var node = await cluster.NodeAsync(0);

        var given = (await cluster.HandOutAsync(node, "vm-1")).Value;

        Assert.Equal(cluster.Time.GetUtcNow() + NodeProvisioning.TokenLife, given.Expires);
        Assert.Null(await cluster.EnrolAsync(node, given.Token));
        Assert.DoesNotContain(await cluster.TasksAsync(MachineTask.Provide), n => n.Id == node);
        Assert.IsType<Problem.NodeEnrolled>((await cluster.HandOutAsync(node, "vm-1")).Problem);
    }

    [Fact]
    public async Task A_machine_that_asks_again_gets_another_token_and_the_first_is_worth_nothing()
    {
        var cluster = await AwaitedCluster.MakeAsync();
        var node = await cluster.NodeAsync(0);
        var first = (await cluster.HandOutAsync(node, "vm-1")).Value;

        var second = (await cluster.HandOutAsync(node, "vm-1")).Value;

        Assert.Equal(AgentFault.Unauthorized, await cluster.EnrolAsync(node, first.Token));
        Assert.Null(await cluster.EnrolAsync(node, second.Token));
    }

    [Fact]
    public async Task Of_many_machines_that_ask_at_once_each_node_goes_to_one()
    {
        var cluster = await AwaitedCluster.MakeAsync();
        var node = await cluster.NodeAsync(0);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => cluster.HandOutAsync(node, $"vm-{i}")));

        var given = Assert.Single(answers, a => a.Problem is null).Value;
        Assert.All(answers.Where(a => a.Problem is not null), a => Assert.Equal(given.Node.Machine, Assert.IsType<Problem.NodeTaken>(a.Problem).Machine));
    }

    [Fact]
    public async Task A_token_that_is_not_used_in_time_is_refused_and_another_machine_may_take_the_node()
    {
        var cluster = await AwaitedCluster.MakeAsync();
        var node = await cluster.NodeAsync(0);
        var late = (await cluster.HandOutAsync(node, "vm-1")).Value;
        cluster.Time.Advance(NodeProvisioning.TokenLife + TimeSpan.FromSeconds(1));

        Assert.Equal(AgentFault.Unauthorized, await cluster.EnrolAsync(node, late.Token));
        Assert.Equal("vm-2", (await cluster.HandOutAsync(node, "vm-2")).Value.Node.Machine);
    }

    [Fact]
    public async Task A_machine_that_will_not_come_is_forgotten_with_its_token()
    {
        var cluster = await AwaitedCluster.MakeAsync();
        var node = await cluster.NodeAsync(0);
        var given = (await cluster.HandOutAsync(node, "vm-1")).Value;

        Assert.Null((await cluster.ForgetAsync(node)).Problem);
        Assert.Null((await cluster.ForgetAsync(node)).Problem);

        Assert.Equal(AgentFault.Unauthorized, await cluster.EnrolAsync(node, given.Token));
        Assert.Null((await cluster.HandOutAsync(node, "vm-2")).Problem);
        Assert.Equal(["NODE_ENROLMENT_TOKEN_ISSUED", "NODE_MACHINE_GONE", "NODE_ENROLMENT_TOKEN_ISSUED"], (await cluster.EventsAsync()).Skip(3).Select(e => e.Type));
    }

    [Fact]
    public async Task A_deleted_clusters_machines_are_listed_until_they_are_gone()
    {
        var cluster = await AwaitedCluster.MakeAsync();
        var (enrolled, coming, alone) = (await cluster.NodeAsync(0), await cluster.NodeAsync(1), await cluster.NodeAsync(2));
        await cluster.EnrolAsync(enrolled, (await cluster.HandOutAsync(enrolled, "vm-0")).Value.Token);
        var given = (await cluster.HandOutAsync(coming, "vm-1")).Value;
        Assert.IsType<Problem.NodeEnrolled>((await cluster.ForgetAsync(enrolled)).Problem);

        await cluster.DeleteAsync();

        Assert.Empty(await cluster.TasksAsync(MachineTask.Provide));
        var left = await cluster.TasksAsync(MachineTask.Destroy);
        Assert.Equal([("vm-0", cluster.Time.GetUtcNow()), ("vm-1", cluster.Time.GetUtcNow())], left.OrderBy(n => n.Index).Select(n => (n.Machine!, n.ReleasedAt!.Value)));
        Assert.Equal(AgentFault.Removed, await cluster.EnrolAsync(coming, given.Token));
        Assert.IsType<Problem.NodeRemoved>((await cluster.HandOutAsync(alone, "vm-2")).Problem);
        Assert.Equal(3, (await cluster.EventsAsync()).Count(e => e.Type == "NODE_RELEASED"));

        foreach (var node in left)
            Assert.Null((await cluster.ForgetAsync(node.Id)).Problem);
        Assert.Empty(await cluster.TasksAsync(MachineTask.Destroy));
    }

    [Fact]
    public async Task A_node_that_Ear_starts_itself_is_nobody_elses_and_nothing_is_announced()
    {
        var cluster = await AwaitedCluster.MakeAsync(areAwaited: false);
        var started = (await cluster.Store.ListAsync(AwaitedCluster.Project, ClusterId.FromValid("222222222222222222222222"), TestContext.Current.CancellationToken))[0].Document;

        Assert.IsType<Problem.NodeNotAwaited>((await cluster.HandOutAsync(started.Id, "vm-1")).Problem);
        Assert.IsType<Problem.NodeNotFound>((await cluster.HandOutAsync(NodeId.FromValid("555555555555555555555555"), "vm-1")).Problem);
        await cluster.DeleteAsync();
        Assert.Empty(await cluster.TasksAsync(MachineTask.Destroy));
        Assert.Empty(await cluster.EventsAsync());
    }

    [Fact]
    public async Task The_token_is_in_no_event_and_no_document_and_gets_into_no_log_line()
    {
        var cluster = await AwaitedCluster.MakeAsync();
        var node = await cluster.NodeAsync(0);

        var given = (await cluster.HandOutAsync(node, "vm-1")).Value;

        Assert.DoesNotContain(given.Token, given.ToString());
        Assert.DoesNotContain(given.Token, JsonSerializer.Serialize(given.Node, EarJson.Options));
        Assert.DoesNotContain(given.Token, JsonSerializer.Serialize(await cluster.EventsAsync(), EarJson.Options));
    }
}
