using Ear.Alerts;
using Ear.Projects;
using Ear.Providers.Tests.AzureTables;
using Ear.Tests.Fakes;

namespace Ear.Providers.Tests.Stores;

public sealed class AtomicityInMemory() : AtomicityContract(new InMemoryUnderTest());

public sealed class AtomicityInSqlite() : AtomicityContract(new SqliteUnderTest());

public sealed class AtomicityInAzure() : AtomicityContract(new AzureUnderTest());

/// <summary>Document and events are one write (I8): crashes between them, and after them.</summary>
public abstract class AtomicityContract : IDisposable
{
    private readonly StoreUnderTest _store;
    private readonly Project _project = Some.Project();

    private protected AtomicityContract(StoreUnderTest store) => _store = store;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(nameof(SavePoint.BeforeEvents))]
    [InlineData(nameof(SavePoint.BeforeCommit))]
    public async Task A_crash_before_the_commit_leaves_neither_document_nor_event(string point)
    {
        var version = (await _store.Projects.SaveAsync(_project, 0, [Some.Event(_project.Id, "FIRST")], Cancellation)).Version;
        _store.CrashAt(Enum.Parse<SavePoint>(point));

        await Assert.ThrowsAsync<StoreUnderTest.Crash>(() => _store.Projects.SaveAsync(_project with { Name = "changed" }, version, [Some.Event(_project.Id, "SECOND")], Cancellation));

        _store.Fault = null;
        foreach (var store in (StoreUnderTest[])[_store, _store.AfterKill()])
        {
            Assert.Equal("orders", (await store.Projects.FindAsync(_project.Id, Cancellation))!.Document.Name);
            Assert.Equal("FIRST", Assert.Single(await store.Outbox.PendingAsync(10, Cancellation)).Event.Type);
            Assert.Equal(new ChainCheck(1, null), await store.AuditTrail.VerifyAsync(_project.Id, Cancellation));
        }
    }

    [Fact]
    public async Task A_crash_after_the_commit_keeps_both_and_the_repeat_conflicts()
    {
        var @event = Some.Event(_project.Id);
        _store.CrashAt(SavePoint.AfterCommit);
        await Assert.ThrowsAsync<StoreUnderTest.Crash>(() => _store.Projects.SaveAsync(_project, 0, [@event], Cancellation));
        _store.Fault = null;

        var store = _store.AfterKill();

        Assert.False((await store.Projects.SaveAsync(_project, 0, [@event], Cancellation)).Saved);
        Assert.Equal(Some.Json(_project), Some.Json((await store.Projects.FindAsync(_project.Id, Cancellation))!.Document));
        Assert.Equal(@event.Id, Assert.Single(await store.Outbox.PendingAsync(10, Cancellation)).Event.Id);
    }

    [Fact]
    public async Task A_deletion_and_its_event_are_one_write_too()
    {
        var cluster = Some.Cluster(_project.Id);
        var version = (await _store.Clusters.SaveAsync(cluster, 0, [], Cancellation)).Version;
        _store.CrashAt(SavePoint.BeforeEvents);
        await Assert.ThrowsAsync<StoreUnderTest.Crash>(() => _store.Clusters.DeleteAsync(cluster, version, [Some.Event(_project.Id, "CLUSTER_DELETED")], Cancellation));
        _store.Fault = null;

        Assert.NotNull(await _store.Clusters.FindAsync(_project.Id, cluster.Name, Cancellation));
        Assert.Empty(await _store.Outbox.PendingAsync(10, Cancellation));

        Assert.True((await _store.Clusters.DeleteAsync(cluster, version, [Some.Event(_project.Id, "CLUSTER_DELETED")], Cancellation)).Saved);
        Assert.Null(await _store.Clusters.FindAsync(_project.Id, cluster.Name, Cancellation));
        Assert.Single(await _store.Outbox.PendingAsync(10, Cancellation));
    }

    [Fact]
    public async Task A_failing_save_leaves_its_neighbours_alone()
    {
        _store.Fault = at =>
        {
            if (at == SavePoint.BeforeEvents)
            {
                _store.Fault = null;
                throw new StoreUnderTest.Crash(at);
            }
        };
        var saves = Enumerable.Range(0, 20).Select(i => Some.Project($"p{i}")).Select(async p =>
        {
            try
            {
                return (await _store.Projects.SaveAsync(p, 0, [Some.Event(p.Id)], Cancellation)).Saved ? p.Id : (ProjectId?)null;
            }
            catch (StoreUnderTest.Crash)
            {
                return null;
            }
        });

        var saved = (await Task.WhenAll(saves)).OfType<ProjectId>().ToHashSet();

        Assert.Equal(19, saved.Count);
        Assert.Equal(saved, (await _store.Projects.PageAsync(null, 100, Cancellation)).Items.Select(p => p.Id).ToHashSet());
        Assert.Equal(saved, (await _store.Outbox.PendingAsync(100, Cancellation)).Select(e => e.Event.ProjectId).ToHashSet());
    }

    [Fact]
    public async Task Everything_that_was_answered_is_there_after_a_kill()
    {
        var cluster = Some.Cluster(_project.Id);
        var node = Some.Node(cluster, 0);
        var alert = Some.Alert(_project.Id);
        await _store.Projects.SaveAsync(_project, 0, [Some.Event(_project.Id)], Cancellation);
        await _store.Clusters.SaveAsync(cluster, 0, [], Cancellation);
        await _store.Nodes.SaveAsync(node, 0, [], Cancellation);
        await _store.Alerts.SaveAsync(alert, 0, [], Cancellation);
        await _store.Secrets.PutAsync("token-key", [1, 2, 3], Cancellation);

        var store = _store.AfterKill();

        Assert.Equal(Some.Json(_project), Some.Json((await store.Projects.FindAsync(_project.Id, Cancellation))!.Document));
        Assert.Equal(Some.Json(cluster), Some.Json((await store.Clusters.FindAsync(_project.Id, cluster.Name, Cancellation))!.Document));
        Assert.Equal(Some.Json(node), Some.Json((await store.Nodes.FindAsync(_project.Id, node.Id, Cancellation))!.Document));
        Assert.Equal(alert, (await store.Alerts.FindAsync(_project.Id, alert.Id, Cancellation))!.Document);
        Assert.Equal([1, 2, 3], await store.Secrets.FindAsync("token-key", Cancellation));
        Assert.Single(await store.Outbox.PendingAsync(10, Cancellation));
    }

    [Fact]
    public async Task Events_of_another_project_are_refused_and_nothing_is_saved()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => _store.Projects.SaveAsync(_project, 0, [Some.Event(Some.Id<ProjectId>())], Cancellation));

        Assert.Null(await _store.Projects.FindAsync(_project.Id, Cancellation));
    }
}
