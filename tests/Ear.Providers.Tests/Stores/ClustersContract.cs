using Ear.Clusters;
using Ear.Projects;
using Ear.Providers.Tests.AzureTables;

namespace Ear.Providers.Tests.Stores;

public sealed class ClustersInMemory() : ClustersContract(new InMemoryUnderTest());

public sealed class ClustersInSqlite() : ClustersContract(new SqliteUnderTest());

public sealed class ClustersInAzure() : ClustersContract(new AzureUnderTest());

public abstract class ClustersContract : IDisposable
{
    private readonly StoreUnderTest _store;
    private readonly ProjectId _project = Some.Id<ProjectId>();

    private protected ClustersContract(StoreUnderTest store) => _store = store;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_was_saved_is_found_by_name_as_it_was()
    {
        var cluster = Some.Cluster(_project);
        var version = (await _store.Clusters.SaveAsync(cluster, 0, [], Cancellation)).Version;

        var found = await _store.Clusters.FindAsync(_project, cluster.Name, Cancellation);

        Assert.Equal((Some.Json(cluster), version), (Some.Json(found!.Document), found.Version));
    }

    [Fact]
    public async Task A_name_is_taken_once_in_a_project_and_free_in_another()
    {
        await _store.Clusters.SaveAsync(Some.Cluster(_project), 0, [], Cancellation);

        Assert.False((await _store.Clusters.SaveAsync(Some.Cluster(_project), 0, [], Cancellation)).Saved);
        Assert.True((await _store.Clusters.SaveAsync(Some.Cluster(Some.Id<ProjectId>()), 0, [], Cancellation)).Saved);
    }

    [Fact]
    public async Task Names_compare_as_written()
        => Assert.All(
            await Task.WhenAll(_store.Clusters.SaveAsync(Some.Cluster(_project, "Orders"), 0, [], Cancellation), _store.Clusters.SaveAsync(Some.Cluster(_project), 0, [], Cancellation)),
            r => Assert.True(r.Saved));

    [Fact]
    public async Task A_listing_is_by_name_and_of_one_project()
    {
        foreach (var name in (string[])["b", "a10", "C", "a9"])
            await _store.Clusters.SaveAsync(Some.Cluster(_project, name), 0, [], Cancellation);
        await _store.Clusters.SaveAsync(Some.Cluster(Some.Id<ProjectId>(), "other"), 0, [], Cancellation);

        Assert.Equal(["C", "a10", "a9", "b"], (await _store.Clusters.ListAsync(_project, Cancellation)).Select(c => c.Document.Name.Value));
    }

    [Fact]
    public async Task A_deletion_of_an_old_version_conflicts()
    {
        var cluster = Some.Cluster(_project);
        var first = await _store.Clusters.SaveAsync(cluster, 0, [], Cancellation);
        await _store.Clusters.SaveAsync(cluster, first.Version, [], Cancellation);

        Assert.False((await _store.Clusters.DeleteAsync(cluster, first.Version, [Some.Event(_project)], Cancellation)).Saved);
        Assert.NotNull(await _store.Clusters.FindAsync(_project, cluster.Name, Cancellation));
        Assert.Empty(await _store.Outbox.PendingAsync(1, Cancellation));
    }

    [Fact]
    public async Task Whoever_holds_a_deleted_cluster_never_writes_over_its_successor()
    {
        var old = Some.Cluster(_project);
        var version = (await _store.Clusters.SaveAsync(old, 0, [], Cancellation)).Version;
        await _store.Clusters.DeleteAsync(old, version, [], Cancellation);
        var successor = Some.Cluster(_project);
        await _store.Clusters.SaveAsync(successor, 0, [], Cancellation);

        Assert.False((await _store.Clusters.SaveAsync(old with { DeletionRequested = true }, version, [], Cancellation)).Saved);
        Assert.False((await _store.Clusters.DeleteAsync(old, version, [], Cancellation)).Saved);
        Assert.Equal(Some.Json(successor), Some.Json((await _store.Clusters.FindAsync(_project, old.Name, Cancellation))!.Document));
    }

    [Fact]
    public async Task Clusters_with_work_left_are_listed_and_finished_ones_are_not()
    {
        var finished = Some.Finished(_project, "finished");
        Cluster[] unfinished =
        [
            Some.Cluster(_project, "creating"),
            Some.Finished(_project, "deleting") with { DeletionRequested = true },
            Some.Finished(_project, "disabled") with { DisabledSince = Some.Noon },
            Some.Finished(_project, "pending") with { Generation = 2 },
            Some.Finished(_project, "updating") with { State = ClusterState.Updating },
        ];
        foreach (var cluster in (Cluster[])[finished, .. unfinished])
            await _store.Clusters.SaveAsync(cluster, 0, [], Cancellation);

        Assert.Equal(unfinished.Select(c => c.Ref), await _store.Unfinished.ListAsync(100, Cancellation));
    }

    [Fact]
    public async Task A_cluster_leaves_the_list_with_the_save_that_finishes_it()
    {
        var cluster = Some.Cluster(_project);
        var version = (await _store.Clusters.SaveAsync(cluster, 0, [], Cancellation)).Version;
        Assert.Single(await _store.Unfinished.ListAsync(100, Cancellation));

        await _store.Clusters.SaveAsync(cluster with { State = ClusterState.Idle, AchievedGeneration = 1 }, version, [], Cancellation);

        Assert.Empty(await _store.Unfinished.ListAsync(100, Cancellation));
    }

    [Fact]
    public async Task However_many_wait_each_cluster_gets_its_turn()
    {
        var waiting = new HashSet<ClusterRef>();
        for (var i = 0; i < 25; i++)
        {
            var cluster = Some.Cluster(_project, $"c{i}");
            await _store.Clusters.SaveAsync(cluster, 0, [], Cancellation);
            waiting.Add(cluster.Ref);
        }

        var seen = new List<ClusterRef>();
        for (var turn = 0; turn < 3; turn++)
            seen.AddRange(await _store.Unfinished.ListAsync(10, Cancellation));

        Assert.Equal(30, seen.Count);
        Assert.Equal(waiting, seen.ToHashSet());
    }
}
