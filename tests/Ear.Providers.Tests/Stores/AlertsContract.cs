using Ear.Alerts;
using Ear.Projects;
using Ear.Providers.Tests.AzureTables;

namespace Ear.Providers.Tests.Stores;

public sealed class AlertsInMemory() : AlertsContract(new InMemoryUnderTest());

public sealed class AlertsInSqlite() : AlertsContract(new SqliteUnderTest());

public sealed class AlertsInAzure() : AlertsContract(new AzureUnderTest());

public abstract class AlertsContract : IDisposable
{
    private readonly StoreUnderTest _store;
    private readonly ProjectId _project = Some.Id<ProjectId>();

    private protected AlertsContract(StoreUnderTest store) => _store = store;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Of_a_project_that_is_forgotten_there_are_no_alerts_and_of_others_all()
    {
        var (kept, other) = (Some.Id<ProjectId>(), Some.Alert(_project));
        var version = (await _store.Alerts.SaveAsync(other, 0, [], Cancellation)).Version;
        await _store.Alerts.SaveAsync(Some.Alert(kept), 0, [], Cancellation);

        await _store.Alerts.ForgetAsync(_project, Cancellation);
        await _store.Alerts.ForgetAsync(_project, Cancellation);

        Assert.Empty(await _store.Alerts.ListAsync(_project, null, Cancellation));
        Assert.Null(await _store.Alerts.FindAsync(_project, other.Id, Cancellation));
        Assert.Single(await _store.Alerts.ListAsync(kept, null, Cancellation));
        Assert.False((await _store.Alerts.SaveAsync(other, version, [], Cancellation)).Saved);
        Assert.True((await _store.Alerts.SaveAsync(other, 0, [], Cancellation)).Saved);
    }

    [Fact]
    public async Task One_subject_has_one_open_alert()
    {
        await _store.Alerts.SaveAsync(Some.Alert(_project), 0, [], Cancellation);

        Assert.Equal(SaveResult.Conflict, await _store.Alerts.SaveAsync(Some.Alert(_project), 0, [Some.Event(_project)], Cancellation));
        Assert.True((await _store.Alerts.SaveAsync(Some.Alert(_project, subject: "GCP"), 0, [], Cancellation)).Saved);
        Assert.True((await _store.Alerts.SaveAsync(Some.Alert(_project, type: "AWS_ENCRYPTION_KEY_INVALID"), 0, [], Cancellation)).Saved);
        Assert.True((await _store.Alerts.SaveAsync(Some.Alert(Some.Id<ProjectId>()), 0, [], Cancellation)).Saved);
        Assert.Empty(await _store.Outbox.PendingAsync(10, Cancellation));
    }

    [Fact]
    public async Task A_closed_alert_makes_room_for_the_next_one()
    {
        var first = Some.Alert(_project);
        var version = (await _store.Alerts.SaveAsync(first, 0, [], Cancellation)).Version;
        await _store.Alerts.SaveAsync(first with { Status = AlertStatus.Closed, Resolved = Some.Noon }, version, [], Cancellation);

        Assert.True((await _store.Alerts.SaveAsync(Some.Alert(_project), 0, [], Cancellation)).Saved);
    }

    [Fact]
    public async Task A_closed_alert_does_not_reopen_beside_another()
    {
        var first = Some.Alert(_project);
        await _store.Alerts.SaveAsync(first, 0, [], Cancellation);
        var closed = await _store.Alerts.SaveAsync(first with { Status = AlertStatus.Closed }, 1, [], Cancellation);
        await _store.Alerts.SaveAsync(Some.Alert(_project), 0, [], Cancellation);

        Assert.False((await _store.Alerts.SaveAsync(first, closed.Version, [], Cancellation)).Saved);
        Assert.Equal(AlertStatus.Closed, (await _store.Alerts.FindAsync(_project, first.Id, Cancellation))!.Document.Status);
    }

    [Fact]
    public async Task A_listing_tells_the_wanted_status_or_all()
    {
        var open = Some.Alert(_project);
        var closed = Some.Alert(_project, subject: "orders") with { Status = AlertStatus.Closed };
        await _store.Alerts.SaveAsync(open, 0, [], Cancellation);
        await _store.Alerts.SaveAsync(closed, 0, [], Cancellation);

        Assert.Equal([open], (await _store.Alerts.ListAsync(_project, AlertStatus.Open, Cancellation)).Select(a => a.Document));
        Assert.Equal([closed], (await _store.Alerts.ListAsync(_project, AlertStatus.Closed, Cancellation)).Select(a => a.Document));
        Assert.Equal(2, (await _store.Alerts.ListAsync(_project, null, Cancellation)).Count);
        Assert.Empty(await _store.Alerts.ListAsync(Some.Id<ProjectId>(), null, Cancellation));
    }

    [Fact]
    public async Task Of_many_who_open_the_same_alert_one_does()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(
            () => _store.Alerts.SaveAsync(Some.Alert(_project), 0, [Some.Event(_project)], Cancellation), Cancellation)));

        Assert.Single(results, r => r.Saved);
        Assert.Single(await _store.Alerts.ListAsync(_project, AlertStatus.Open, Cancellation));
        Assert.Single(await _store.Outbox.PendingAsync(100, Cancellation));
    }
}
