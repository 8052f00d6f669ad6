using System.Collections.Immutable;
using Azure;
using Azure.Data.Tables;
using Ear.Alerts;
using Ear.Copies;
using Ear.Projects;
using Ear.Providers.AzureTables;
using Ear.Providers.Tests.Stores;

namespace Ear.Providers.Tests.AzureTables.Copies;

/// <summary>Each way in which rows that were read one after another can contradict each other, and that after a restore they do not.</summary>
public sealed class SettlingTests : IDisposable
{
    private readonly CopyWorld _world = new();
    private readonly Project _project = Some.Project();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private TableStore Rows => _world.Store.Store;

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task An_alert_that_was_closed_after_it_was_read_can_be_opened_again()
    {
        await _world.Store.Projects.SaveAsync(_project, 0, [], Cancellation);
        await _world.Store.Alerts.SaveAsync(Some.Alert(_project.Id), 0, [], Cancellation);
        // Its document was not there yet; what it holds was.
        await Rows.DeleteAsync(_project.Id.Value, [(await Rows.PrefixAsync(_project.Id.Value, TableAlerts.Prefix, Cancellation).SingleAsync(Cancellation)).RowKey], Cancellation);

        var store = await RestoredAsync();

        Assert.True((await store.Alerts.SaveAsync(Some.Alert(_project.Id), 0, [], Cancellation)).Saved);
    }

    [Fact]
    public async Task An_alert_that_was_read_without_what_it_holds_is_the_only_one_again()
    {
        await _world.Store.Projects.SaveAsync(_project, 0, [], Cancellation);
        await _world.Store.Alerts.SaveAsync(Some.Alert(_project.Id), 0, [], Cancellation);
        await Rows.DeleteAsync(_project.Id.Value, [(await Rows.PrefixAsync(_project.Id.Value, "open:", Cancellation).SingleAsync(Cancellation)).RowKey], Cancellation);

        var store = await RestoredAsync();

        Assert.False((await store.Alerts.SaveAsync(Some.Alert(_project.Id), 0, [], Cancellation)).Saved);
        Assert.Single(await store.Alerts.ListAsync(_project.Id, AlertStatus.Open, Cancellation));
    }

    [Fact]
    public async Task Documents_are_found_though_the_index_was_read_before_they_came()
    {
        var key = new ApiKey("public", new string('1', 32), _project.OrgId, ImmutableDictionary<ProjectId, ImmutableArray<string>>.Empty.Add(_project.Id, ["GROUP_OWNER"]), []);
        var cluster = Some.Cluster(_project.Id);
        await _world.Store.Projects.SaveAsync(_project, 0, [Some.Event(_project.Id)], Cancellation);
        await _world.Store.Clusters.SaveAsync(cluster, 0, [], Cancellation);
        await _world.Store.Alerts.SaveAsync(Some.Alert(_project.Id), 0, [], Cancellation);
        await _world.Store.ApiKeys.SaveAsync(key, 0, [], Cancellation);
        await foreach (var row in Rows.AllAsync(CopyTable.Index, null, null, null, null, 1000, Cancellation))
            Assert.True(await Rows.TryDeleteIndexAsync(new TableEntity(row.PartitionKey, row.RowKey) { ETag = ETag.All }, Cancellation));

        var store = await RestoredAsync();

        Assert.Equal([_project.Id], (await store.Projects.PageAsync(null, 10, Cancellation)).Items.Select(p => p.Id));
        Assert.NotNull(await store.Projects.FindAsync(_project.OrgId, _project.Name, Cancellation));
        Assert.Equal([cluster.Ref], await store.Unfinished.ListAsync(10, Cancellation));
        Assert.Single((await store.OpenAlerts.OpenAsync(null, 10, Cancellation)).Items);
        Assert.Single(await store.ApiKeys.ListAsync(_project.Id, Cancellation));
        Assert.Single(await store.Outbox.PendingAsync(10, Cancellation));
    }

    [Fact]
    public async Task Events_of_a_credential_that_came_after_its_head_was_read_are_handed_over_and_others_after_them()
    {
        var key = new ApiKey("public", new string('1', 32), _project.OrgId, ImmutableDictionary<ProjectId, ImmutableArray<string>>.Empty.Add(_project.Id, ["GROUP_OWNER"]), []);
        await _world.Store.Projects.SaveAsync(_project, 0, [], Cancellation);
        await _world.Store.ApiKeys.SaveAsync(key, 0, [], Cancellation);
        var waiting = new TableEntity("key:public", RowKeys.Pending(1));
        foreach (var (name, slice) in Contents.Slices(EventChain.CanonicalBytes(Some.Event(_project.Id, "WAITS"))))
            waiting[name] = slice;
        await _world.Store.Parts.Writer.PourAsync(CopyTable.Documents, [waiting], Cancellation);

        var store = await RestoredAsync();

        var (restored, version) = (await store.ApiKeys.FindAsync("public", Cancellation))!;
        Assert.True((await store.ApiKeys.SaveAsync(restored with { Description = "after" }, version, [Some.Event(_project.Id, "AFTER")], Cancellation)).Saved);
        Assert.Equal(["WAITS", "AFTER"], (await store.Outbox.PendingAsync(10, Cancellation)).Select(e => e.Event.Type));
    }

    [Fact]
    public async Task Events_that_came_while_the_project_was_read_are_told_of_and_can_be_told_again()
    {
        var (first, torn) = (Some.Event(_project.Id, "FIRST"), Some.Event(_project.Id, "TORN"));
        await _world.Store.Projects.SaveAsync(_project, 0, [first, torn], Cancellation);
        await Rows.DeleteAsync(_project.Id.Value, [RowKeys.Event(2)], Cancellation);

        var (store, report) = await CopiedAsync();

        Assert.Contains("events 2 to 2 came while it was copied", Assert.Single(report), StringComparison.Ordinal);
        Assert.Equal(new ChainCheck(1, null), await store.AuditTrail.VerifyAsync(_project.Id, Cancellation));
        Assert.Equal(["FIRST"], (await store.Outbox.PendingAsync(10, Cancellation)).Select(e => e.Event.Type));
        await store.Alerts.SaveAsync(Some.Alert(_project.Id), 0, [torn], Cancellation);
        Assert.Equal(["FIRST", "TORN"], (await store.Outbox.PendingAsync(10, Cancellation)).Select(e => e.Event.Type));
        Assert.Equal(new ChainCheck(2, null), await store.AuditTrail.VerifyAsync(_project.Id, Cancellation));
    }

    [Fact]
    public async Task Of_two_projects_that_were_read_with_one_name_both_come_back_and_one_is_to_be_renamed()
    {
        var other = Some.Project("other") with { OrgId = _project.OrgId };
        await _world.Store.Projects.SaveAsync(_project, 0, [], Cancellation);
        await _world.Store.Projects.SaveAsync(other, 0, [], Cancellation);
        var row = (await Rows.FindAsync(other.Id.Value, RowKeys.Project, Cancellation))!;
        foreach (var (name, slice) in Contents.Slices(System.Text.Encoding.UTF8.GetBytes(Some.Json(other with { Name = _project.Name }))))
            row[name] = slice;
        await Rows.MergeAsync(row, Cancellation);

        var (store, report) = await CopiedAsync();

        Assert.Contains("give it another name", Assert.Single(report), StringComparison.Ordinal);
        Assert.NotNull(await store.Projects.FindAsync(_project.OrgId, _project.Name, Cancellation));
        var (twin, version) = (await store.Projects.FindAsync(other.Id, Cancellation))!;
        Assert.True((await store.Projects.SaveAsync(twin with { Name = "another" }, version, [], Cancellation)).Saved);
    }

    private async Task<AzureUnderTest> RestoredAsync()
    {
        var (store, warnings) = await CopiedAsync();
        Assert.Empty(warnings);
        return store;
    }

    private async Task<(AzureUnderTest Store, IReadOnlyList<string> Warnings)> CopiedAsync()
    {
        await _world.CopyAsync();
        var (store, report) = await _world.RestoredAsync();
        return (store, report.Warnings);
    }
}
