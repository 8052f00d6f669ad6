using System.Collections.Immutable;
using Azure.Data.Tables;
using Ear.Alerts;
using Ear.Clusters;
using Ear.Copies;
using Ear.CustomerKeys;
using Ear.Nodes;
using Ear.PrivateEndpoints;
using Ear.Projects;
using Ear.Providers.AzureTables;
using Ear.Providers.AzureTables.Copies;
using Ear.Providers.Files;
using Ear.Providers.Secrets;
using Ear.Providers.Tests.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ear.Providers.Tests.AzureTables.Copies;

/// <summary>A copy, made while the store is written to, and what comes back from it.</summary>
public sealed class StateCopiesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_comes_back_as_it_was_and_the_store_goes_on()
    {
        using var world = new CopyWorld();
        var was = await SceneAsync(world.Store);
        await world.CopyAsync();

        var (store, report) = await world.RestoredAsync();

        Assert.Empty(report.Warnings);
        var project = (await store.Projects.FindAsync(was.Project.Id, Cancellation))!;
        Assert.Equal(Some.Json(was.Project), Some.Json(project.Document));
        Assert.Equal(was.Project.Id, (await store.Projects.FindAsync(was.Project.OrgId, was.Project.Name, Cancellation))!.Document.Id);
        Assert.Equal(new[] { was.Project.Id.Value, was.Large.Id.Value }.Order(StringComparer.Ordinal), (await store.Projects.PageAsync(null, 10, Cancellation)).Items.Select(p => p.Id.Value));
        Assert.Equal(Some.Json(was.Large), Some.Json((await store.Projects.FindAsync(was.Large.Id, Cancellation))!.Document));
        Assert.Equal([was.Unfinished.Ref], await store.Unfinished.ListAsync(10, Cancellation));
        Assert.Equal(Some.Json(was.Open), Some.Json(Assert.Single((await store.OpenAlerts.OpenAsync(null, 10, Cancellation)).Items)));
        Assert.Equal(2, (await store.Alerts.ListAsync(was.Project.Id, null, Cancellation)).Count);
        Assert.Equal(Some.Json(was.Config), Some.Json(Assert.Single(await store.AlertConfigs.ListAsync(was.Project.Id, Cancellation)).Document));
        Assert.Equal(was.Endpoint, Assert.Single(await store.PrivateEndpoints.ListAsync(was.Project.Id, Cancellation)).Document);
        Assert.Equal(Some.Json(was.Key), Some.Json(Assert.Single(await store.ApiKeys.ListAsync(was.Project.Id, Cancellation)).Document));
        Assert.Equal(new ChainCheck(3, null), await store.AuditTrail.VerifyAsync(was.Project.Id, Cancellation));
        Assert.Equal(["LAST"], (await store.Outbox.PendingAsync(10, Cancellation)).Select(e => e.Event.Type));

        // What only one may have is still had.
        Assert.False((await store.Alerts.SaveAsync(Some.Alert(was.Project.Id), 0, [], Cancellation)).Saved);
        Assert.False((await store.Projects.SaveAsync(Some.Project(was.Project.Name) with { OrgId = was.Project.OrgId }, 0, [], Cancellation)).Saved);
        Assert.True((await store.Projects.SaveAsync(project.Document with { Name = "renamed" }, project.Version, [Some.Event(was.Project.Id, "RENAMED")], Cancellation)).Saved);
        Assert.Equal(new ChainCheck(4, null), await store.AuditTrail.VerifyAsync(was.Project.Id, Cancellation));
    }

    [Fact]
    public async Task What_was_seen_after_the_copy_is_lower_than_anything_that_is_said_after_the_restore()
    {
        using var world = new CopyWorld();
        var was = await SceneAsync(world.Store);
        await world.CopyAsync();
        // The lives on of the node, the cluster and the project that nobody will remember.
        var lived = was.Node with { Goal = was.Node.Goal with { Goal = 12_345, Fence = 999 } };
        Assert.True((await world.Store.Nodes.SaveAsync(lived, 1, [], Cancellation)).Saved);

        var (store, report) = await world.RestoredAsync();

        var (node, version) = Assert.Single(await store.Nodes.ListAsync(was.Project.Id, was.Unfinished.Id, Cancellation));
        Assert.True(node.Goal.Goal > lived.Goal.Goal && node.Goal.Fence > lived.Goal.Fence, $"{node.Goal}");
        Assert.Equal((report.Restore, null, null), (node.Goal.Restore, node.Goal.Op, node.Report));
        Assert.Equal(was.Node.MasterKeys["k1"].Ciphertext, node.MasterKeys["k1"].Ciphertext);
        Assert.True(version > 2);
        var clusters = (await store.Clusters.ListAsync(was.Project.Id, Cancellation)).Select(c => c.Document).ToDictionary(c => c.Name.Value);
        Assert.True(clusters["orders"] is { IsPending: true, AchievedGeneration: 0 } and { Generation: > 1_000_000_000_000 }, Some.Json(clusters["orders"]));
        Assert.False(clusters["done"].IsPending);
        Assert.True(clusters["done"].AchievedGeneration > 1_000_000_000_000);
    }

    [Fact]
    public async Task A_store_of_thousands_of_rows_comes_back_from_small_pages_and_parts_of_many_lanes()
    {
        const int Projects = 30;
        using var world = new CopyWorld(pages: 7, partBytes: 4096, projectsPerLane: 4);
        var projects = Enumerable.Range(0, Projects).Select(i => Some.Project($"p{i}")).ToList();
        foreach (var project in projects)
            await world.Store.Projects.SaveAsync(project, 0, [.. Enumerable.Range(0, EventRows.MaxAtOnce).Select(i => Some.Event(project.Id, $"E{i}"))], Cancellation);

        var copy = await world.CopyAsync();
        var (store, report) = await world.RestoredAsync();

        Assert.True(copy.Parts.Length > 10 && report.Rows > 2_700, $"{copy.Parts.Length} parts, {report.Rows} rows");
        Assert.Empty(report.Warnings);
        Assert.Equal(projects.Select(p => p.Id.Value).Order(StringComparer.Ordinal), (await store.Projects.PageAsync(null, 100, Cancellation)).Items.Select(p => p.Id.Value));
        foreach (var project in projects)
            Assert.Equal(new ChainCheck(EventRows.MaxAtOnce, null), await store.AuditTrail.VerifyAsync(project.Id, Cancellation));
        Assert.Equal(Projects * EventRows.MaxAtOnce, (await store.Outbox.PendingAsync(10_000, Cancellation)).Count);
    }

    [Fact]
    public async Task A_copy_that_others_write_into_at_each_request_comes_back_as_a_store_that_could_have_been()
    {
        using var world = new CopyWorld(pages: 3, partBytes: 2048);
        var was = await SceneAsync(world.Store);
        var meanwhile = new Meanwhile(world.Store, was);
        world.Requests.Before = _ => meanwhile.NextAsync();
        await world.CopyAsync();
        world.Requests.Before = _ => Task.CompletedTask;

        var (store, report) = await world.RestoredAsync();

        Assert.True(meanwhile.Changes > 20, $"Only {meanwhile.Changes} changes came between.");
        Assert.All(report.Warnings, w => Assert.Contains("came while it was copied", w, StringComparison.Ordinal));
        await IsSoundAsync(store, was.Project.Id);
        // An alert that was opened or closed meanwhile can be opened, and is one alone.
        var open = await store.Alerts.ListAsync(was.Project.Id, AlertStatus.Open, Cancellation);
        Assert.Equal(open.Count, (await store.OpenAlerts.OpenAsync(null, 10, Cancellation)).Items.Count);
        foreach (var (alert, version) in open)
            Assert.True((await store.Alerts.SaveAsync(alert with { Status = AlertStatus.Closed, Resolved = Some.Noon }, version, [], Cancellation)).Saved);
        Assert.True((await store.Alerts.SaveAsync(Some.Alert(was.Project.Id), 0, [Some.Event(was.Project.Id)], Cancellation)).Saved);
        // Whatever waits is announced, and then nothing waits.
        while (await store.Outbox.PendingAsync(50, Cancellation) is { Count: > 0 } pending)
            await store.Outbox.MarkAnnouncedAsync(pending, Cancellation);
        var key = (await store.ApiKeys.FindAsync(was.Key.PublicKey, Cancellation))!;
        Assert.True((await store.ApiKeys.SaveAsync(key.Document with { Description = "after" }, key.Version, [Some.Event(was.Project.Id, "AFTER")], Cancellation)).Saved);
        await IsSoundAsync(store, was.Project.Id);
        Assert.Equal(["AFTER"], (await store.Outbox.PendingAsync(10, Cancellation)).Select(e => e.Event.Type));
    }

    [Fact]
    public async Task A_step_whose_answer_was_lost_is_done_again_and_counts_once()
    {
        using var world = new CopyWorld(partBytes: 2048);
        var was = await SceneAsync(world.Store);
        await world.CopyAsync(repeated: true);

        var (store, _) = await world.RestoredAsync();

        Assert.Equal(CopyWorld.Name, Assert.Single(await new CopyReader(world.Source).ListAsync(Cancellation)).Copy);
        await IsSoundAsync(store, was.Project.Id);
    }

    [Fact]
    public async Task A_data_key_that_comes_while_secrets_are_copied_is_in_the_copy()
    {
        using var world = new CopyWorld();
        var boxes = new TableSecretBoxes(world.Store.Store);
        await boxes.PutAsync("first", [1], Cancellation);
        var made = $"{ISecretBoxes.DataKeys}{Some.Id<ProjectId>().Value}";
        await world.CopyAsync(beforeLast: () => boxes.PutAsync(made, [2, 3], Cancellation));

        var (store, _) = await world.RestoredAsync();

        var restored = new TableSecretBoxes(store.Store);
        Assert.Equal([2, 3], (await restored.FindAsync(made, Cancellation))!.Ciphertext);
        Assert.Equal([1], (await restored.FindAsync("first", Cancellation))!.Ciphertext);
    }

    [Fact]
    public async Task Secrets_are_sealed_in_a_copy_and_open_after_a_restore()
    {
        using var world = new CopyWorld();
        using var folder = new TestFolder();
        byte[] password = "correct horse battery staple"u8.ToArray();
        using var secrets = new SealedSecrets(new TableSecretBoxes(world.Store.Store), FileKey.Open(folder["ear.key"], inUse: false), NullLogger.Instance);
        await secrets.PutAsync("aws/password", password, Cancellation);
        await world.CopyAsync();

        var text = await world.TextAsync();
        Assert.Contains("aws_002fpassword", text, StringComparison.Ordinal);
        // At each of the three places that base64 may begin at.
        foreach (var hidden in new[] { "correct horse" }.Concat(Enumerable.Range(0, 3).Select(i => Convert.ToBase64String(password.AsSpan(i, 24))[..^4])))
            Assert.DoesNotContain(hidden, text, StringComparison.Ordinal);
        var (store, _) = await world.RestoredAsync();
        using var restored = new SealedSecrets(new TableSecretBoxes(store.Store), FileKey.Open(folder["ear.key"], inUse: true), NullLogger.Instance);
        Assert.Equal(password, await restored.FindAsync("aws/password", Cancellation));
    }

    [Fact]
    public async Task A_document_whose_blob_is_damaged_is_told_of_and_keeps_no_other_from_coming_back()
    {
        using var world = new CopyWorld();
        var was = await SceneAsync(world.Store);
        await foreach (var blob in world.Store.Store.Large.GetBlobsAsync(cancellationToken: Cancellation))
            await world.Store.Store.Large.GetBlobClient(blob.Name).UploadAsync(new BinaryData("something else"), overwrite: true, Cancellation);
        var copy = await world.CopyAsync();

        var (store, report) = await world.RestoredAsync();

        Assert.Equal(1, copy.Parts.Sum(p => p.Damaged));
        Assert.Contains(world.Logged, l => l.Contains("not what was saved", StringComparison.Ordinal));
        Assert.Contains(was.Large.Id.Value, Assert.Single(report.Warnings), StringComparison.Ordinal);
        Assert.NotNull(await store.Projects.FindAsync(was.Project.Id, Cancellation));
    }

    [Fact]
    public async Task How_old_the_newest_copy_is_is_known()
    {
        using var world = new CopyWorld();
        var since = (await world.Copies.NewestAsync(Cancellation))!.Value;
        Assert.Equal(DateTimeOffset.UtcNow, since, TimeSpan.FromMinutes(10));
        Assert.Equal(since, await world.Copies.NewestAsync(Cancellation));
        var copy = await world.CopyAsync();
        Assert.Equal(copy.Began, (await world.Copies.NewestAsync(Cancellation))!.Value, TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public void A_row_comes_back_from_its_line_with_the_types_of_its_properties()
    {
        var row = new TableEntity("p:1", "r_0020")
        {
            ["S"] = "a \"line\"\nand ü",
            ["B"] = new byte[] { 0, 255, 10 },
            ["L"] = long.MaxValue,
            ["I"] = int.MinValue,
            ["T"] = true,
            ["F"] = false,
            ["D"] = 0.1,
            ["W"] = new DateTimeOffset(2026, 11, 24, 2, 30, 0, 123, TimeSpan.Zero),
            ["G"] = Guid.Empty,
        };
        using var part = new PartFile();
        part.Add(row, [1, 2]);
        var (content, _) = part.Close();
        using var lines = new StreamReader(new System.IO.Compression.GZipStream(content, System.IO.Compression.CompressionMode.Decompress));

        var line = RowLine.Read(lines.ReadLine()!);

        Assert.Equal(("p:1", "r_0020"), (line.Row.PartitionKey, line.Row.RowKey));
        Assert.Equal([1, 2], line.Blob!);
        foreach (var (name, value) in row.Where(p => p.Key.Length == 1))
        {
            Assert.IsType(value.GetType(), line.Row[name]);
            Assert.Equal(value, line.Row[name]);
        }
    }

    private static async Task IsSoundAsync(AzureUnderTest store, ProjectId project)
    {
        var chain = await store.AuditTrail.VerifyAsync(project, Cancellation);
        Assert.Null(chain.Fault);
        var (events, total) = await store.Events.ListAsync(project, EventFilter.All, 0, 500, Cancellation);
        Assert.Equal(chain.Events, total);
        foreach (var told in events)
            Assert.Equal(told.Sequence, (await store.Events.FindAsync(project, told.Event.Id, Cancellation))!.Sequence);
        Assert.Equal((await store.Clusters.ListAsync(project, Cancellation)).Where(c => c.Document.IsUnfinished).Select(c => c.Document.Ref), await store.Unfinished.ListAsync(100, Cancellation));
    }

    private static async Task<Scene> SceneAsync(AzureUnderTest store)
    {
        var project = Some.Project();
        var scene = new Scene(
            project, Some.Project("large") with { OwnerEmails = [$"{new string('x', 600_000)}@example.org"] }, Some.Cluster(project.Id), Some.Finished(project.Id, "done"), Some.Alert(project.Id),
            Some.AlertConfig(project.Id), new ApiKey(Some.Id<ProjectId>().Value[..8], new string('1', 32), project.OrgId, ImmutableDictionary<ProjectId, ImmutableArray<string>>.Empty.Add(project.Id, ["GROUP_OWNER"]), []),
            new PrivateEndpoint(Some.Id<PrivateEndpointId>(), project.Id, KeyProvider.Azure, "US_EAST", "endpoint", Some.Noon, Some.Noon));
        var node = Some.Node(scene.Unfinished, 0);
        scene = scene with { Node = node with { Goal = node.Goal with { Op = new("g1-Initiate-1", NodeOpKind.Initiate, 60, 60) }, HeardAt = Some.Noon } };
        await SaveAsync(store.Projects.SaveAsync(project, 0, [Some.Event(project.Id, "FIRST")], Cancellation));
        await SaveAsync(store.Projects.SaveAsync(scene.Large, 0, [], Cancellation));
        await SaveAsync(store.Clusters.SaveAsync(scene.Unfinished, 0, [], Cancellation));
        await SaveAsync(store.Clusters.SaveAsync(scene.Done, 0, [], Cancellation));
        await SaveAsync(store.Nodes.SaveAsync(scene.Node, 0, [], Cancellation));
        await SaveAsync(store.Alerts.SaveAsync(Some.Alert(project.Id) with { Status = AlertStatus.Closed, Resolved = Some.Noon }, 0, [Some.Event(project.Id, "SECOND")], Cancellation));
        await SaveAsync(store.Alerts.SaveAsync(scene.Open, 0, [], Cancellation));
        await SaveAsync(store.AlertConfigs.SaveAsync(scene.Config, 0, [], Cancellation));
        await SaveAsync(store.PrivateEndpoints.SaveAsync(scene.Endpoint, 0, [], Cancellation));
        await store.Outbox.MarkAnnouncedAsync(await store.Outbox.PendingAsync(10, Cancellation), Cancellation);
        await SaveAsync(store.ApiKeys.SaveAsync(scene.Key, 0, [Some.Event(project.Id, "LAST")], Cancellation));
        return scene;
    }

    private static async Task SaveAsync(Task<SaveResult> save) => Assert.True((await save).Saved);

    private sealed record Scene(Project Project, Project Large, Cluster Unfinished, Cluster Done, Alert Open, AlertConfig Config, ApiKey Key, PrivateEndpoint Endpoint)
    {
        public Node Node { get; init; } = null!;
    }

    /// <summary>What an Ear does while it is copied: events, alerts that open and close, a cluster that comes and goes, a key that is changed. In turn, once at each request of the copy.</summary>
    private sealed class Meanwhile(AzureUnderTest store, Scene scene)
    {
        private Alert? _open = scene.Open;
        private long _version = 1;

        public int Changes { get; private set; }

        public async Task NextAsync()
        {
            var project = scene.Project.Id;
            switch (Changes++ % 4)
            {
                case 0 when _open is { } open:
                    await store.Alerts.SaveAsync(open with { Status = AlertStatus.Closed, Resolved = Some.Noon }, _version, [], Cancellation);
                    _open = null;
                    break;
                case 0:
                    _open = Some.Alert(project);
                    _version = (await store.Alerts.SaveAsync(_open, 0, [Some.Event(project, "OPENED")], Cancellation)).Version;
                    break;
                case 1:
                    var cluster = (await store.Clusters.FindAsync(project, scene.Done.Name, Cancellation))!;
                    await store.Clusters.SaveAsync(cluster.Document with { Generation = cluster.Document.Generation + 1 }, cluster.Version, [Some.Event(project, "WISH"), Some.Event(project, "WISHED")], Cancellation);
                    break;
                case 2:
                    var key = (await store.ApiKeys.FindAsync(scene.Key.PublicKey, Cancellation))!;
                    await store.ApiKeys.SaveAsync(key.Document with { Description = $"{Changes}" }, key.Version, [Some.Event(project, "KEY")], Cancellation);
                    break;
                default:
                    await store.Outbox.MarkAnnouncedAsync(await store.Outbox.PendingAsync(2, Cancellation), Cancellation);
                    break;
            }
        }
    }
}
