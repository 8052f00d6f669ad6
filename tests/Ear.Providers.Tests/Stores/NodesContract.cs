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
}
