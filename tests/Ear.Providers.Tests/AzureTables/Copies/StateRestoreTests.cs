using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Storage.Blobs;
using Ear.Alerts;
using Ear.Projects;
using Ear.Providers.AzureTables;
using Ear.Providers.AzureTables.Copies;
using Ear.Providers.Tests.Stores;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Ear.Providers.Tests.AzureTables.Copies;

/// <summary>What a restore refuses, and that it can be cut off anywhere.</summary>
public sealed class StateRestoreTests : IDisposable
{
    private readonly CopyWorld _world = new(partBytes: 1024);
    private readonly List<Project> _projects = [.. Enumerable.Range(0, 4).Select(i => Some.Project($"p{i}"))];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task Cut_off_before_any_request_the_same_command_goes_on_and_until_then_no_Ear_starts_on_it()
    {
        await FillAndCopyAsync();
        var (cuts, refused) = (0, 0);
        for (var at = 0; ; at += 5)
        {
            var prefix = CopyWorld.NewPrefix();
            var requests = new EachRequest { Before = n => n >= at ? throw new CutOff() : Task.CompletedTask };
            try
            {
                await _world.RestoreAsync(prefix, requests.Into);
                break;
            }
            catch (CutOff)
            {
                cuts++;
            }
            refused += await IsRefusedAsync(prefix) ? 1 : 0;

            var report = await _world.RestoreAsync(prefix);

            Assert.Empty(report.Warnings);
            await IsAllThereAsync(_world.At(prefix));
        }
        Assert.True(cuts > 12, $"Only {cuts} moments were tried.");
        // But before the mark, when there is nothing yet.
        Assert.InRange(cuts - refused, 1, 5);
    }

    [Fact]
    public async Task A_part_that_is_not_what_was_written_is_named_before_anything_is_written()
    {
        var copy = await FillAndCopyAsync();
        var part = copy.Parts.First(p => p.Rows > 0);
        var blob = _world.Container.GetBlobClient($"{copy.Copy}/{part.Blob}");
        var bytes = (await blob.DownloadContentAsync(Cancellation)).Value.Content.ToArray();
        bytes[^9] ^= 1;
        await blob.UploadAsync(new BinaryData(bytes), overwrite: true, Cancellation);
        await IsRefusedUnwrittenAsync($"{copy.Copy}/{part.Blob} is not what was written");

        await blob.DeleteAsync(cancellationToken: Cancellation);
        await IsRefusedUnwrittenAsync("BlobNotFound");
    }

    [Fact]
    public async Task A_copy_of_a_newer_schema_is_refused()
    {
        await FillAndCopyAsync();
        await ChangeManifestAsync(m => m["schema"] = CopyManifest.CurrentSchema + 1);
        await IsRefusedUnwrittenAsync("with the Ear that made it, or a later one");
    }

    [Fact]
    public async Task The_tables_are_numbered_as_the_copy_was_even_where_its_rows_are_from_before_the_number()
    {
        await FillAsync();
        var layout = (await _world.Store.Store.ShelfAsync(Shelves.Meta, null, null, 10, Cancellation)).Single();
        await _world.Store.Store.TryDeleteIndexAsync(layout, Cancellation);
        await _world.CopyAsync();
        var prefix = CopyWorld.NewPrefix();
        // An Ear that found nothing has been there.
        await Layout.SettleAsync(await PreparedAsync(prefix), Cancellation);

        await _world.RestoreAsync(prefix);

        Assert.Equal(CopyManifest.CurrentSchema, (await _world.At(prefix).Store.ShelfAsync(Shelves.Meta, null, null, 10, Cancellation)).Single().GetInt32("Number"));
        Assert.False(await IsRefusedAsync(prefix));
        await IsAllThereAsync(_world.At(prefix));
    }

    [Fact]
    public async Task A_row_of_the_copy_that_says_another_number_than_its_manifest_is_not_believed()
    {
        await FillAsync();
        await Layout.PutAsync(_world.Store.Store, CopyManifest.CurrentSchema + 1, Cancellation);
        await _world.CopyAsync();
        var prefix = CopyWorld.NewPrefix();

        await _world.RestoreAsync(prefix);

        Assert.False(await IsRefusedAsync(prefix));
    }

    [Fact]
    public async Task Nothing_is_restored_beside_tables_of_a_newer_Ear()
    {
        await FillAndCopyAsync();
        var prefix = CopyWorld.NewPrefix();
        var store = await PreparedAsync(prefix);
        await Layout.PutAsync(store, Layout.Version + 1, Cancellation);

        Assert.Contains("written by a newer Ear", (await Assert.ThrowsAsync<StoreException>(() => _world.RestoreAsync(prefix))).Message, StringComparison.Ordinal);
        Assert.Empty(await store.ShelfAsync(Shelves.Restore, null, null, 10, Cancellation));
    }

    [Fact]
    public async Task A_part_that_holds_other_rows_than_the_manifest_says_is_refused()
    {
        await FillAndCopyAsync();
        await ChangeManifestAsync(m => m["parts"]![0]!["rows"] = 9999);
        await IsRefusedUnwrittenAsync("9999 were written");
    }

    [Fact]
    public async Task Parts_without_a_manifest_are_no_copy_and_the_newest_whole_one_is_taken()
    {
        await FillAndCopyAsync();
        await _world.Copies.CopyAsync(new("2026-11-25T023000Z", (await _world.Copies.PlanAsync(Cancellation)).Last, 0, null), Cancellation);
        var reader = new CopyReader(_world.Source);

        Assert.Equal([(CopyWorld.Name, true), ("2026-11-25T023000Z", false)], (await reader.ListAsync(Cancellation)).Select(c => (c.Copy, c.IsWhole)));
        Assert.Equal(CopyWorld.Name, (await reader.OpenAsync(null, Cancellation)).Copy);
        Assert.Contains("no manifest", (await Assert.ThrowsAsync<StoreException>(() => reader.OpenAsync("2026-11-25T023000Z", Cancellation))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tables_that_hold_something_are_refused_and_stay_as_they_are()
    {
        await FillAndCopyAsync();
        var prefix = CopyWorld.NewPrefix();
        var there = _world.At(prefix);
        var project = Some.Project("mine");
        await there.Projects.SaveAsync(project, 0, [], Cancellation);

        Assert.Contains("is not empty", (await Assert.ThrowsAsync<StoreException>(() => _world.RestoreAsync(prefix))).Message, StringComparison.Ordinal);
        Assert.Equal([project.Id], (await there.Projects.PageAsync(null, 10, Cancellation)).Items.Select(p => p.Id));
    }

    [Fact]
    public async Task A_restore_that_was_begun_is_not_finished_from_another_copy()
    {
        await FillAndCopyAsync();
        await _world.CopyAsync("2026-11-25T023000Z");
        var prefix = CopyWorld.NewPrefix();
        var requests = new EachRequest { Before = n => n >= 20 ? throw new CutOff() : Task.CompletedTask };
        await Assert.ThrowsAsync<CutOff>(() => _world.RestoreAsync(prefix, requests.Into, name: CopyWorld.Name));

        Assert.Contains($"--copy {CopyWorld.Name}", (await Assert.ThrowsAsync<StoreException>(() => _world.RestoreAsync(prefix))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_downloaded_folder_is_as_good_as_the_container()
    {
        await FillAndCopyAsync();
        using var folder = new TestFolder();
        await foreach (var blob in _world.Container.GetBlobsAsync(cancellationToken: Cancellation))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[blob.Name])!);
            await _world.Container.GetBlobClient(blob.Name).DownloadToAsync(folder[blob.Name], Cancellation);
        }
        var prefix = CopyWorld.NewPrefix();

        await _world.RestoreAsync(prefix, source: CopySource.Folder(folder[""]));

        await IsAllThereAsync(_world.At(prefix));
    }

    [Fact]
    public async Task A_chain_that_was_broken_before_the_copy_stays_so_for_everybody_to_see()
    {
        await FillAsync();
        var broken = _projects[2].Id;
        await _world.Store.Store.DeleteAsync(broken.Value, [RowKeys.Event(2)], Cancellation);
        await _world.CopyAsync();

        var (store, report) = await _world.RestoredAsync();

        Assert.Contains("long before the copy", Assert.Single(report.Warnings), StringComparison.Ordinal);
        Assert.Equal("Event 2 is missing.", (await store.AuditTrail.VerifyAsync(broken, Cancellation)).Fault);
        Assert.Null((await store.AuditTrail.VerifyAsync(_projects[1].Id, Cancellation)).Fault);
    }

    [Fact]
    public async Task A_blob_is_added_once_and_never_written_over()
    {
        await FillAndCopyAsync();
        var options = new CopyOptions { ConnectionString = _world.Store.Options.ConnectionString, Container = _world.Container.Name };
        var target = new CopyTarget(options, _world.Store.Options, credential: null);
        await target.AddAsync("a/b", new MemoryStream([1]), Cancellation);

        await Assert.ThrowsAsync<StoreException>(() => target.AddAsync("a/b", new MemoryStream([2]), Cancellation));
        Assert.Equal([1], (await _world.Container.GetBlobClient("a/b").DownloadContentAsync(Cancellation)).Value.Content.ToArray());
    }

    [Fact]
    public void All_faults_of_the_settings_are_told_at_once()
        => Assert.Equal(5, new CopyOptions { BlobServiceUri = "http://account", ConnectionString = "x", Container = "-", ProjectsPerLane = 0, PartBytes = 1 }.Faults().All.Count);

    private async Task<Ear.Copies.WholeCopy> FillAndCopyAsync()
    {
        await FillAsync();
        return await _world.CopyAsync();
    }

    private async Task FillAsync()
    {
        foreach (var project in _projects)
        {
            await _world.Store.Projects.SaveAsync(project, 0, [Some.Event(project.Id), Some.Event(project.Id), Some.Event(project.Id)], Cancellation);
            await _world.Store.Clusters.SaveAsync(Some.Cluster(project.Id), 0, [], Cancellation);
            await _world.Store.Alerts.SaveAsync(Some.Alert(project.Id), 0, [], Cancellation);
            await _world.Store.ApiKeys.SaveAsync(new($"key-{project.Name}", new string('1', 32), project.OrgId, ImmutableDictionary<ProjectId, ImmutableArray<string>>.Empty.Add(project.Id, ["GROUP_OWNER"]), []), 0, [], Cancellation);
        }
    }

    private async Task IsAllThereAsync(AzureUnderTest store)
    {
        foreach (var project in _projects)
        {
            Assert.Equal(Some.Json(project), Some.Json((await store.Projects.FindAsync(project.OrgId, project.Name, Cancellation))!.Document));
            Assert.Equal(new ChainCheck(3, null), await store.AuditTrail.VerifyAsync(project.Id, Cancellation));
            Assert.Single(await store.Alerts.ListAsync(project.Id, AlertStatus.Open, Cancellation));
            Assert.Single(await store.ApiKeys.ListAsync(project.Id, Cancellation));
        }
        Assert.Equal(_projects.Count, (await store.Unfinished.ListAsync(100, Cancellation)).Count);
        Assert.Equal(3 * _projects.Count, (await store.Outbox.PendingAsync(100, Cancellation)).Count);
    }

    private async Task IsRefusedUnwrittenAsync(string words)
    {
        var prefix = CopyWorld.NewPrefix();
        Assert.Contains(words, (await Assert.ThrowsAsync<StoreException>(() => _world.RestoreAsync(prefix))).Message, StringComparison.Ordinal);
        Assert.Empty((await _world.At(prefix).Projects.PageAsync(null, 10, Cancellation)).Items);
    }

    private async Task ChangeManifestAsync(Action<JsonNode> change)
    {
        await foreach (var blob in _world.Container.GetBlobsAsync(new() { Prefix = $"{CopyWorld.Name}/{CopyManifest.Prefixed}" }, Cancellation))
        {
            var manifest = _world.Container.GetBlobClient(blob.Name);
            var json = JsonNode.Parse((await manifest.DownloadContentAsync(Cancellation)).Value.Content)!;
            change(json);
            await manifest.UploadAsync(new BinaryData(JsonSerializer.SerializeToUtf8Bytes(json)), overwrite: true, Cancellation);
        }
    }

    private async Task<TableStore> PreparedAsync(string prefix)
    {
        var store = new TableStore(_world.Target(prefix), credential: null);
        await store.PrepareAsync(Cancellation);
        return store;
    }

    private async Task<bool> IsRefusedAsync(string prefix)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("Ear:Store:ConnectionString", _world.Store.Options.ConnectionString), new("Ear:Store:Prefix", prefix)]);
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<IIds, SystemIds>().AddAzureTablesStore(builder.Configuration);
        using var host = builder.Build();
        try
        {
            await host.StartAsync(Cancellation);
            await host.StopAsync(Cancellation);
            return false;
        }
        catch (StoreException e)
        {
            Assert.Contains("is not finished", e.Message, StringComparison.Ordinal);
            return true;
        }
    }

    private sealed class CutOff : Exception;
}
