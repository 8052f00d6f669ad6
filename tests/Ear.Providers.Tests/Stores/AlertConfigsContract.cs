using Ear.Alerts;
using Ear.Projects;
using Ear.Providers.Tests.AzureTables;

namespace Ear.Providers.Tests.Stores;

public sealed class AlertConfigsInMemory() : AlertConfigsContract(new InMemoryUnderTest());

public sealed class AlertConfigsInSqlite() : AlertConfigsContract(new SqliteUnderTest());

public sealed class AlertConfigsInAzure() : AlertConfigsContract(new AzureUnderTest());

public abstract class AlertConfigsContract : IDisposable
{
    private readonly StoreUnderTest _store;
    private readonly ProjectId _project = Some.Id<ProjectId>();

    private protected AlertConfigsContract(StoreUnderTest store) => _store = store;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Of_a_project_that_is_forgotten_there_are_no_configurations_and_of_others_all()
    {
        var (kept, other) = (Some.Id<ProjectId>(), Some.AlertConfig(_project));
        var version = (await _store.AlertConfigs.SaveAsync(other, 0, [], Cancellation)).Version;
        await _store.AlertConfigs.SaveAsync(Some.AlertConfig(kept), 0, [], Cancellation);

        await _store.AlertConfigs.ForgetAsync(_project, Cancellation);
        await _store.AlertConfigs.ForgetAsync(_project, Cancellation);

        Assert.Empty(await _store.AlertConfigs.ListAsync(_project, Cancellation));
        Assert.Null(await _store.AlertConfigs.FindAsync(_project, other.Id, Cancellation));
        Assert.Single(await _store.AlertConfigs.ListAsync(kept, Cancellation));
        Assert.False((await _store.AlertConfigs.SaveAsync(other, version, [], Cancellation)).Saved);
        Assert.True((await _store.AlertConfigs.SaveAsync(other, 0, [], Cancellation)).Saved);
    }

    [Fact]
    public async Task What_is_saved_is_found_whole_in_its_project_only()
    {
        var config = Some.AlertConfig(_project);
        Assert.Equal(1, (await _store.AlertConfigs.SaveAsync(config, 0, [Some.Event(_project)], Cancellation)).Version);

        Assert.Equal(Some.Json(config), Some.Json((await _store.AlertConfigs.FindAsync(_project, config.Id, Cancellation))!.Document));
        Assert.Single(await _store.AlertConfigs.ListAsync(_project, Cancellation));
        Assert.Null(await _store.AlertConfigs.FindAsync(Some.Id<ProjectId>(), config.Id, Cancellation));
        Assert.Empty(await _store.AlertConfigs.ListAsync(Some.Id<ProjectId>(), Cancellation));
        Assert.Single(await _store.Outbox.PendingAsync(10, Cancellation));
    }

    [Fact]
    public async Task A_save_of_another_version_conflicts_and_tells_nothing()
    {
        var config = Some.AlertConfig(_project);
        await _store.AlertConfigs.SaveAsync(config, 0, [], Cancellation);
        Assert.Equal(2, (await _store.AlertConfigs.SaveAsync(config with { Enabled = false }, 1, [], Cancellation)).Version);

        Assert.False((await _store.AlertConfigs.SaveAsync(config, 1, [Some.Event(_project)], Cancellation)).Saved);
        Assert.False((await _store.AlertConfigs.SaveAsync(config, 0, [Some.Event(_project)], Cancellation)).Saved);
        Assert.False((await _store.AlertConfigs.FindAsync(_project, config.Id, Cancellation))!.Document.Enabled);
        Assert.Empty(await _store.Outbox.PendingAsync(10, Cancellation));
    }

    [Fact]
    public async Task What_is_deleted_is_gone_and_only_in_the_version_that_was_seen()
    {
        var config = Some.AlertConfig(_project);
        await _store.AlertConfigs.SaveAsync(config, 0, [], Cancellation);

        Assert.False((await _store.AlertConfigs.DeleteAsync(config, 2, [Some.Event(_project)], Cancellation)).Saved);
        Assert.True((await _store.AlertConfigs.DeleteAsync(config, 1, [Some.Event(_project)], Cancellation)).Saved);
        Assert.Null(await _store.AlertConfigs.FindAsync(_project, config.Id, Cancellation));
        Assert.Single(await _store.Outbox.PendingAsync(10, Cancellation));
    }

    [Fact]
    public async Task The_open_alerts_of_all_projects_come_in_pages_each_once()
    {
        var open = new List<AlertId>();
        for (var i = 0; i < 5; i++)
        {
            var alert = Some.Alert(Some.Id<ProjectId>());
            open.Add(alert.Id);
            await _store.Alerts.SaveAsync(alert, 0, [], Cancellation);
            await _store.Alerts.SaveAsync(Some.Alert(alert.ProjectId, subject: "GCP") with { Status = AlertStatus.Closed }, 0, [], Cancellation);
            // Over, and a webhook has not heard of it; then it has.
            var over = Some.Alert(alert.ProjectId, subject: "AZURE") with { Status = AlertStatus.Closed, OpenTo = ["n1"] };
            open.Add(over.Id);
            await _store.Alerts.SaveAsync(over, 0, [], Cancellation);
            var heard = Some.Alert(alert.ProjectId, subject: "orders") with { Status = AlertStatus.Closed, OpenTo = ["n1"] };
            await _store.Alerts.SaveAsync(heard, 0, [], Cancellation);
            await _store.Alerts.SaveAsync(heard.ToldOver("n1", Some.Noon), 1, [], Cancellation);
        }
        var found = new List<AlertId>();
        string? next = null;
        do
        {
            var page = await _store.OpenAlerts.OpenAsync(next, 2, Cancellation);
            // One that is finished since may have had a place in it.
            Assert.InRange(page.Items.Count, 0, 2);
            found.AddRange(page.Items.Select(a => a.Id));
            next = page.Continuation;
        }
        while (next is not null);
        Assert.Equal(open.Select(a => a.Value).Order(StringComparer.Ordinal), found.Select(a => a.Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Behind_each_open_alert_come_those_that_follow_it_also_when_it_is_finished()
    {
        for (var i = 0; i < 4; i++)
            await _store.Alerts.SaveAsync(Some.Alert(Some.Id<ProjectId>()), 0, [], Cancellation);
        var all = (await _store.OpenAlerts.OpenAsync(null, 100, Cancellation)).Items.ToList();
        for (var i = 0; i < all.Count; i++)
            Assert.Equal(all.Skip(i + 1).Select(a => a.Id), (await _store.OpenAlerts.OpenAsync(_store.OpenAlerts.Behind(all[i]), 100, Cancellation)).Items.Select(a => a.Id));

        await _store.Alerts.SaveAsync(all[1] with { Status = AlertStatus.Closed }, 1, [], Cancellation);
        Assert.Equal(all.Skip(2).Select(a => a.Id), (await _store.OpenAlerts.OpenAsync(_store.OpenAlerts.Behind(all[1]), 100, Cancellation)).Items.Select(a => a.Id));
    }
}
