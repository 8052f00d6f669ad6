using Ear.Alerts;
using Ear.Projects;
using Ear.Providers.Tests.AzureTables;

namespace Ear.Providers.Tests.Stores;

public sealed class EventsInMemory() : EventsContract(new InMemoryUnderTest());

public sealed class EventsInSqlite() : EventsContract(new SqliteUnderTest());

public sealed class EventsInAzure() : EventsContract(new AzureUnderTest());

public abstract class EventsContract : IDisposable
{
    private readonly StoreUnderTest _store;
    private readonly ProjectId _project = Some.Id<ProjectId>();

    private protected EventsContract(StoreUnderTest store) => _store = store;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Events_form_a_chain_from_the_first_one_on()
    {
        await AnnounceAsync(_project, Some.Event(_project, "A"), Some.Event(_project, "B"));
        await AnnounceAsync(_project, Some.Event(_project, "C"));

        var (events, total) = await _store.Events.ListAsync(_project, EventFilter.All, 0, 10, Cancellation);

        Assert.Equal(3, total);
        Assert.Equal([("C", 3L), ("B", 2L), ("A", 1L)], events.Select(e => (e.Event.Type, e.Sequence)));
        Assert.Equal([events[1].Hash, events[2].Hash, EventChain.Genesis], events.Select(e => e.PreviousHash));
        Assert.All(events, e => Assert.Equal(EventChain.Hash(e.PreviousHash, EventChain.CanonicalBytes(e.Event)), e.Hash));
        Assert.Equal(new ChainCheck(3, null), await _store.AuditTrail.VerifyAsync(_project, Cancellation));
    }

    [Fact]
    public async Task Each_project_has_its_own_chain()
    {
        var other = Some.Id<ProjectId>();
        await AnnounceAsync(_project, Some.Event(_project));
        await AnnounceAsync(other, Some.Event(other));

        var (events, _) = await _store.Events.ListAsync(other, EventFilter.All, 0, 10, Cancellation);

        Assert.Equal((1, EventChain.Genesis), (Assert.Single(events).Sequence, events[0].PreviousHash));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_changed_event_is_noticed(long tampered)
    {
        await AnnounceAsync(_project, Some.Event(_project), Some.Event(_project), Some.Event(_project));

        _store.Tamper(_project, tampered);

        var check = await _store.AuditTrail.VerifyAsync(_project, Cancellation);
        Assert.False(check.IsIntact);
        Assert.Contains($"Event {tampered} ", check.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_project_without_events_has_an_intact_chain()
        => Assert.Equal(new ChainCheck(0, null), await _store.AuditTrail.VerifyAsync(_project, Cancellation));

    [Fact]
    public async Task An_event_that_is_told_twice_is_told_once()
    {
        var @event = Some.Event(_project);
        await AnnounceAsync(_project, @event);
        await AnnounceAsync(_project, @event, Some.Event(_project, "NEXT"));

        Assert.Equal([(1L, @event.Type), (2L, "NEXT")], (await _store.Outbox.PendingAsync(10, Cancellation)).Select(e => (e.Sequence, e.Event.Type)));
        Assert.True((await _store.AuditTrail.VerifyAsync(_project, Cancellation)).IsIntact);
    }

    [Fact]
    public async Task An_event_is_found_by_id_in_its_project_only()
    {
        var @event = Some.Event(_project, cluster: "orders");
        await AnnounceAsync(_project, @event);

        Assert.Equal(Some.Json(@event), Some.Json((await _store.Events.FindAsync(_project, @event.Id, Cancellation))!.Event));
        Assert.Null(await _store.Events.FindAsync(Some.Id<ProjectId>(), @event.Id, Cancellation));
    }

    [Fact]
    public async Task A_filter_narrows_by_type_cluster_and_date()
    {
        await AnnounceAsync(_project,
            Some.Event(_project, "A", "orders", Some.Noon),
            Some.Event(_project, "B", "orders", Some.Noon.AddMinutes(1)),
            Some.Event(_project, "A", "stock", Some.Noon.AddMinutes(2)),
            Some.Event(_project, "C", null, Some.Noon.AddMinutes(3)));

        await TellsAsync(EventFilter.All with { EventTypes = ["A"] }, 3L, 1L);
        await TellsAsync(EventFilter.All with { EventTypes = ["A", "C"] }, 4L, 3L, 1L);
        await TellsAsync(EventFilter.All with { ExcludedEventTypes = ["A"] }, 4L, 2L);
        await TellsAsync(EventFilter.All with { ClusterNames = ["orders"] }, 2L, 1L);
        await TellsAsync(EventFilter.All with { MinDate = Some.Noon.AddMinutes(1), MaxDate = Some.Noon.AddMinutes(2) }, 3L, 2L);
        await TellsAsync(EventFilter.All with { EventTypes = ["A"], MinDate = Some.Noon.AddMinutes(1).ToOffset(TimeSpan.FromHours(5)) }, 3L);
        await TellsAsync(EventFilter.All with { ClusterNames = ["nobody"] });
    }

    [Fact]
    public async Task Pages_pass_over_what_was_seen_and_count_all()
    {
        await AnnounceAsync(_project, [.. Enumerable.Range(1, 25).Select(i => Some.Event(_project, i % 2 == 0 ? "EVEN" : "ODD"))]);

        var (events, total) = await _store.Events.ListAsync(_project, EventFilter.All with { EventTypes = ["EVEN"] }, skip: 10, take: 10, Cancellation);

        Assert.Equal([4L, 2L], events.Select(e => e.Sequence));
        Assert.Equal(12, total);
    }

    [Fact]
    public async Task The_outbox_keeps_the_order_of_each_project_until_told()
    {
        var other = Some.Id<ProjectId>();
        await AnnounceAsync(_project, Some.Event(_project, "A1"), Some.Event(_project, "A2"));
        await AnnounceAsync(other, Some.Event(other, "B1"));
        await AnnounceAsync(_project, Some.Event(_project, "A3"));

        var pending = await _store.Outbox.PendingAsync(10, Cancellation);
        Assert.Equal(["A1", "A2", "A3"], pending.Where(e => e.Event.ProjectId == _project).Select(e => e.Event.Type));
        // Whose turn it is among projects is the store's affair.
        var two = await _store.Outbox.PendingAsync(2, Cancellation);
        Assert.Equal(2, two.Count);
        Assert.Equal(new[] { "A1", "A2" }.Take(two.Count(e => e.Event.ProjectId == _project)), two.Where(e => e.Event.ProjectId == _project).Select(e => e.Event.Type));

        await _store.Outbox.MarkAnnouncedAsync([.. pending.Where(e => e.Event.Type is "A1" or "B1")], Cancellation);
        Assert.Equal(["A2", "A3"], (await _store.Outbox.PendingAsync(10, Cancellation)).Select(e => e.Event.Type));

        await _store.Outbox.MarkAnnouncedAsync(pending, Cancellation);
        await _store.Outbox.MarkAnnouncedAsync(pending, Cancellation);
        Assert.Empty(await _store.Outbox.PendingAsync(10, Cancellation));
        Assert.Equal(new ChainCheck(3, null), await _store.AuditTrail.VerifyAsync(_project, Cancellation));
    }

    [Fact]
    public async Task Events_of_many_savers_at_once_form_one_chain_without_gaps()
    {
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(
            () => _store.Clusters.SaveAsync(Some.Cluster(_project, $"c{i}"), 0, [Some.Event(_project, "X"), Some.Event(_project, "Y")], Cancellation), Cancellation)));

        Assert.Equal(new ChainCheck(400, null), await _store.AuditTrail.VerifyAsync(_project, Cancellation));
        Assert.Equal(Enumerable.Range(1, 400).Select(i => (long)i), (await _store.Outbox.PendingAsync(1000, Cancellation)).Select(e => e.Sequence));
    }

    // Any document carries events; an alert of its own subject never conflicts.
    private async Task AnnounceAsync(ProjectId project, params ProjectEvent[] events)
        => Assert.True((await _store.Alerts.SaveAsync(Some.Alert(project, subject: Some.Id<AlertId>().Value), 0, events, Cancellation)).Saved);

    private async Task TellsAsync(EventFilter filter, params long[] sequences)
    {
        var (events, total) = await _store.Events.ListAsync(_project, filter, 0, 100, Cancellation);
        Assert.Equal(sequences, events.Select(e => e.Sequence));
        Assert.Equal(sequences.Length, total);
    }
}
