using System.Collections.Concurrent;
using System.Collections.Immutable;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Ear.Alerts;
using Ear.Projects;
using Ear.Providers.AzureTables;
using Ear.Providers.Tests.Stores;

namespace Ear.Providers.Tests.AzureTables;

/// <summary>An outbox of many projects: read by pages, in turn, and no project held back by what is wrong with another one.</summary>
public sealed class TableOutboxTests : IDisposable
{
    private const int Page = 2;

    private readonly Watched _requests = new();
    private readonly AzureUnderTest _store;
    private readonly TableOutbox _outbox;

    public TableOutboxTests()
    {
        _store = new(_requests.Into);
        _outbox = new(_store.Parts, new HandOff(_store.Parts)) { PageRows = Page };
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private TableClient Documents => new(_store.Options.ConnectionString, $"{_store.Options.Prefix}Documents");

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(100)]
    public async Task All_of_more_projects_than_a_page_holds_are_told_each_in_its_order(int batch)
    {
        var projects = await ProjectsAsync(7, events: 3);

        var told = await DrainAsync(batch);

        Assert.Equal(7 * 3, told.Count);
        foreach (var project in projects)
            Assert.Equal(["E0", "E1", "E2"], told.Where(e => e.Event.ProjectId == project).Select(e => e.Event.Type));
        Assert.Empty(await _outbox.PendingAsync(batch, Cancellation));
        Assert.Empty(await _store.Store.ShelfAsync(Shelves.Outbox, null, null, 100, Cancellation));
    }

    [Fact]
    public async Task No_more_of_the_shelf_is_read_than_is_needed_and_never_more_than_a_page_at_once()
    {
        await ProjectsAsync(7, events: 3);
        _requests.Asked.Clear();

        await _outbox.PendingAsync(3, Cancellation);

        // Two kinds of credentials, of which none waits, and the first page of projects.
        var shelf = _requests.Asked.Where(q => q.Contains("Index()", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, shelf.Count);
        Assert.All(shelf, q => Assert.Contains($"$top={Page}&", q + "&", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_project_that_is_never_empty_keeps_no_other_waiting_for_more_than_a_round()
    {
        var projects = await ProjectsAsync(5, events: 1);
        var busy = projects.Order(IdOrder).First();
        var told = new List<ProjectId>();
        for (var round = 0; round < 5; round++)
        {
            for (var i = 0; i < 3; i++)
                await TellAsync(busy, $"MORE{round}{i}");
            var pending = await _outbox.PendingAsync(2, Cancellation);
            told.AddRange(pending.Select(e => e.Event.ProjectId));
            await _outbox.MarkAnnouncedAsync(pending, Cancellation);
        }

        Assert.Equal(projects.ToHashSet(), told.ToHashSet());
    }

    [Fact]
    public async Task An_event_that_cannot_be_read_holds_back_those_after_it_and_nobody_elses()
    {
        var projects = await ProjectsAsync(3, events: 3);
        var bad = projects.Order(IdOrder).First();
        await SpoilAsync(bad.Value, RowKeys.Event(2));

        var told = await DrainAsync(4);
        await DrainAsync(4);

        Assert.Equal(["E0"], told.Where(e => e.Event.ProjectId == bad).Select(e => e.Event.Type));
        Assert.All(projects.Where(p => p != bad), p => Assert.Equal(["E0", "E1", "E2"], told.Where(e => e.Event.ProjectId == p).Select(e => e.Event.Type)));
        // Once, and of what the row holds nothing.
        var line = Assert.Single(_store.Logged, l => l.Contains("wait and are not announced", StringComparison.Ordinal));
        Assert.Contains($"Event 2 of project {bad}", line, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);

        // The operator leaves it out.
        await Documents.DeleteEntityAsync(bad.Value, RowKeys.Pending(2), ETag.All, Cancellation);
        Assert.Equal(["E2"], (await DrainAsync(4)).Select(e => e.Event.Type));
        Assert.Contains(_store.Logged, l => l.Contains($"Events of {bad} are announced again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_event_that_is_not_there_is_not_passed_over_in_silence()
    {
        var project = Assert.Single(await ProjectsAsync(1, events: 3));
        await Documents.DeleteEntityAsync(project.Value, RowKeys.Event(2), ETag.All, Cancellation);

        Assert.Equal(["E0"], (await DrainAsync(10)).Select(e => e.Event.Type));
        Assert.Contains(_store.Logged, l => l.Contains($"Event 2 of project {project} is not there", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_hand_off_that_fails_holds_back_its_credential_and_nobody_else()
    {
        var project = Some.Id<ProjectId>();
        foreach (var name in (string[])["bad", "good"])
        {
            await _store.ApiKeys.SaveAsync(Key(name, project), 0, [], Cancellation);
            await WaitAsync(name, Some.Event(project, $"{name}1"), Some.Event(project, $"{name}2"));
        }
        await SpoilAsync("key:bad", RowKeys.Pending(1));
        await TellAsync(project, "OTHER");

        var told = await DrainAsync(10);

        Assert.Equal(["OTHER", "good1", "good2"], told.Select(e => e.Event.Type));
        Assert.Contains(_store.Logged, l => l.Contains("Events of key:bad wait", StringComparison.Ordinal) && !l.Contains("secret", StringComparison.Ordinal));
        // A change of that key is a change all the same: its event waits behind the other one.
        Assert.True((await _store.ApiKeys.SaveAsync(Key("bad", project) with { Description = "changed" }, 1, [Some.Event(project, "bad3")], Cancellation)).Saved);
        Assert.Empty(await DrainAsync(10));
    }

    [Fact]
    public async Task A_project_that_the_account_fails_for_keeps_no_other_from_being_told()
    {
        var projects = await ProjectsAsync(4, events: 1);
        var bad = projects.Order(IdOrder).First();
        _requests.IsRefused = q => q.Contains("Documents()", StringComparison.Ordinal) && q.Contains(bad.Value, StringComparison.Ordinal);

        Assert.Equal(projects.Where(p => p != bad).ToHashSet(), (await DrainAsync(10)).Select(e => e.Event.ProjectId).ToHashSet());
    }

    [Fact]
    public async Task An_account_that_fails_for_everybody_ends_the_round_in_words_and_the_next_one_goes_on_behind()
    {
        var projects = await ProjectsAsync(5, events: 1);
        var looked = 0;
        _requests.IsRefused = q => q.Contains("Documents()", StringComparison.Ordinal) && ++looked > 0;

        await Assert.ThrowsAsync<StoreException>(() => _outbox.PendingAsync(10, Cancellation));
        Assert.Equal(3, looked);

        _requests.IsRefused = _ => false;
        Assert.Equal(projects.Order(IdOrder).Skip(3).First(), (await _outbox.PendingAsync(10, Cancellation))[0].Event.ProjectId);
    }

    private static readonly Comparer<ProjectId> IdOrder = Comparer<ProjectId>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value));

    private static ApiKey Key(string name, ProjectId project)
        => new(name, new string('1', 32), OrgId.FromValid(new string('a', 24)), ImmutableDictionary<ProjectId, ImmutableArray<string>>.Empty.Add(project, ["GROUP_OWNER"]), []);

    private async Task<List<ProjectId>> ProjectsAsync(int count, int events)
    {
        var projects = new List<ProjectId>();
        for (var i = 0; i < count; i++)
        {
            projects.Add(Some.Id<ProjectId>());
            await TellAsync(projects[^1], [.. Enumerable.Range(0, events).Select(e => $"E{e}")]);
        }
        return projects;
    }

    private async Task TellAsync(ProjectId project, params string[] types)
        => Assert.True((await _store.Alerts.SaveAsync(Some.Alert(project, subject: Some.Id<AlertId>().Value), 0, [.. types.Select(t => Some.Event(project, t))], Cancellation)).Saved);

    /// <summary>As after a save that died before the hand-over.</summary>
    private async Task WaitAsync(string key, params ProjectEvent[] events)
    {
        for (var i = 0; i < events.Length; i++)
        {
            var row = new TableEntity($"key:{key}", RowKeys.Pending(i + 1));
            foreach (var (name, slice) in Contents.Slices(EventChain.CanonicalBytes(events[i])))
                row[name] = slice;
            await Documents.AddEntityAsync(row, Cancellation);
        }
        await Documents.UpsertEntityAsync(new TableEntity($"key:{key}", RowKeys.Head) { ["Sequence"] = (long)events.Length, ["Listed"] = true }, TableUpdateMode.Replace, Cancellation);
        await _store.Parts.Index.PutAsync(OutboxListing.Of($"key:{key}"), Cancellation);
    }

    private async Task SpoilAsync(string partition, string row)
    {
        var there = (await Documents.GetEntityAsync<TableEntity>(partition, row, cancellationToken: Cancellation)).Value;
        there["D0"] = "{ \"id\": secret"u8.ToArray();
        await Documents.UpdateEntityAsync(there, there.ETag, TableUpdateMode.Replace, Cancellation);
    }

    /// <summary>As the pump does it.</summary>
    private async Task<List<ChainedEvent>> DrainAsync(int batch)
    {
        var told = new List<ChainedEvent>();
        while (await _outbox.PendingAsync(batch, Cancellation) is { Count: > 0 } pending)
        {
            told.AddRange(pending);
            await _outbox.MarkAnnouncedAsync(pending, Cancellation);
        }
        return told;
    }

    /// <summary>What is asked of the account, unescaped, and what it refuses.</summary>
    private sealed class Watched : HttpPipelinePolicy
    {
        public ConcurrentQueue<string> Asked { get; } = new();

        public Func<string, bool> IsRefused { get; set; } = _ => false;

        public void Into(ClientOptions options) => options.AddPolicy(this, HttpPipelinePosition.PerCall);

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException("The store is asynchronous throughout.");

        public override ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            var asked = Uri.UnescapeDataString(message.Request.Uri.ToString());
            Asked.Enqueue(asked);
            return IsRefused(asked) ? throw new RequestFailedException(400, "Refused.") : ProcessNextAsync(message, pipeline);
        }
    }
}
