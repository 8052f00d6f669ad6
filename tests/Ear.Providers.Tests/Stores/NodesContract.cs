using Ear.Clusters;
using Ear.Nodes;
using Ear.Projects;
using Ear.Providers.Tests.AzureTables;

namespace Ear.Providers.Tests.Stores;

public sealed class NodesInMemory() : NodesContract(new InMemoryUnderTest());

public sealed class NodesInSqlite() : NodesContract(new SqliteUnderTest());

public sealed class NodesInAzure() : NodesContract(new AzureUnderTest());

public abstract class NodesContract : IDisposable
{
    private readonly StoreUnderTest _store;
    private readonly Cluster _cluster = Some.Cluster(Some.Id<ProjectId>());

    private protected NodesContract(StoreUnderTest store) => _store = store;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_was_saved_is_found_as_it_was_with_its_wrapped_keys()
    {
        var node = Some.Node(_cluster, 0);
        var version = (await _store.Nodes.SaveAsync(node, 0, [], Cancellation)).Version;

        var found = await _store.Nodes.FindAsync(_cluster.ProjectId, node.Id, Cancellation);

        Assert.Equal((Some.Json(node), version), (Some.Json(found!.Document), found.Version));
        Assert.Equal([1, 2, 3], found.Document.MasterKeys["k1"].Ciphertext);
    }

    [Fact]
    public async Task A_node_is_not_found_through_another_project()
    {
        var node = Some.Node(_cluster, 0);
        await _store.Nodes.SaveAsync(node, 0, [], Cancellation);

        Assert.Null(await _store.Nodes.FindAsync(Some.Id<ProjectId>(), node.Id, Cancellation));
    }

    [Fact]
    public async Task A_listing_is_by_index_of_one_cluster_removed_nodes_included()
    {
        int[] saved = [10, 2, 0];
        foreach (var index in saved)
            await _store.Nodes.SaveAsync(Some.Node(_cluster, index) with { Removed = index == 2 }, 0, [], Cancellation);
        await _store.Nodes.SaveAsync(Some.Node(Some.Cluster(_cluster.ProjectId, "other"), 1), 0, [], Cancellation);

        Assert.Equal([0, 2, 10], (await _store.Nodes.ListAsync(_cluster.ProjectId, _cluster.Id, Cancellation)).Select(n => n.Document.Index));
    }

    [Fact]
    public async Task A_report_on_an_old_version_conflicts()
    {
        var node = Some.Node(_cluster, 0);
        var first = await _store.Nodes.SaveAsync(node, 0, [], Cancellation);
        await _store.Nodes.SaveAsync(node with { HostPort = "127.0.0.1:27017" }, first.Version, [], Cancellation);

        Assert.False((await _store.Nodes.SaveAsync(node, first.Version, [], Cancellation)).Saved);
        Assert.Equal("127.0.0.1:27017", (await _store.Nodes.FindAsync(_cluster.ProjectId, node.Id, Cancellation))!.Document.HostPort);
    }

    [Fact]
    public async Task A_node_is_deleted_only_as_it_was_loaded()
    {
        var node = Some.Node(_cluster, 0);
        var first = await _store.Nodes.SaveAsync(node, 0, [], Cancellation);
        var second = await _store.Nodes.SaveAsync(node, first.Version, [], Cancellation);

        Assert.False((await _store.Nodes.DeleteAsync(node, first.Version, Cancellation)).Saved);
        Assert.True((await _store.Nodes.DeleteAsync(node, second.Version, Cancellation)).Saved);
        Assert.Null(await _store.Nodes.FindAsync(_cluster.ProjectId, node.Id, Cancellation));
    }

    [Fact]
    public async Task Nodes_that_wait_for_a_machine_and_those_whose_machine_may_go_are_listed_apart_across_projects()
    {
        var other = Some.Cluster(Some.Id<ProjectId>());
        Node[] awaited = [Some.Node(_cluster, 0) with { AwaitedSince = Some.Noon, AgentKey = null }, Some.Node(other, 0) with { AwaitedSince = Some.Noon, AgentKey = null, Machine = "vm-1" }];
        var released = Some.Node(_cluster, 1) with { AwaitedSince = Some.Noon, Machine = "vm-2", Removed = true };
        Node[] neither =
        [
            Some.Node(_cluster, 2) with { AwaitedSince = Some.Noon, AgentKey = "key", Machine = "vm-3" },
            Some.Node(_cluster, 3) with { AwaitedSince = Some.Noon, AgentKey = null, Removed = true },
            Some.Node(_cluster, 4) with { AgentKey = null },
        ];
        foreach (var node in (Node[])[.. awaited, released, .. neither])
            await _store.Nodes.SaveAsync(node, 0, [], Cancellation);

        Assert.Equal(awaited.OrderBy(n => n.ProjectId.Value, StringComparer.Ordinal).Select(n => n.Id), (await _store.MachineTasks.ListAsync(MachineTask.Provide, null, 10, Cancellation)).Items.Select(n => n.Id));
        Assert.Equal([released.Id], (await _store.MachineTasks.ListAsync(MachineTask.Destroy, null, 10, Cancellation)).Items.Select(n => n.Id));
    }

    [Fact]
    public async Task A_node_leaves_the_list_with_the_save_that_needs_no_machine_any_more()
    {
        var node = Some.Node(_cluster, 0) with { AwaitedSince = Some.Noon, AgentKey = null };
        var first = await _store.Nodes.SaveAsync(node, 0, [], Cancellation);

        var second = await _store.Nodes.SaveAsync(node with { AgentKey = "key", Machine = "vm-1" }, first.Version, [], Cancellation);
        Assert.Empty((await _store.MachineTasks.ListAsync(MachineTask.Provide, null, 10, Cancellation)).Items);

        await _store.Nodes.SaveAsync(node with { AgentKey = "key", Machine = "vm-1", Removed = true }, second.Version, [], Cancellation);
        Assert.Single((await _store.MachineTasks.ListAsync(MachineTask.Destroy, null, 10, Cancellation)).Items);
    }

    [Fact]
    public async Task However_many_wait_the_pages_hold_each_once()
    {
        var waiting = new List<NodeId>();
        for (var i = 0; i < 7; i++)
        {
            var node = Some.Node(_cluster, i) with { AwaitedSince = Some.Noon, AgentKey = null };
            await _store.Nodes.SaveAsync(node, 0, [], Cancellation);
            waiting.Add(node.Id);
        }

        var seen = new List<NodeId>();
        string? next = null;
        do
        {
            var page = await _store.MachineTasks.ListAsync(MachineTask.Provide, next, 3, Cancellation);
            Assert.InRange(page.Items.Count, 1, 3);
            seen.AddRange(page.Items.Select(n => n.Id));
            Assert.True(page.Continuation is null || MachineTasks.IsContinuation(page.Continuation), page.Continuation);
            next = page.Continuation;
        }
        while (next is not null);

        Assert.Equal(waiting.OrderBy(n => n.Value, StringComparer.Ordinal), seen);
    }
}
