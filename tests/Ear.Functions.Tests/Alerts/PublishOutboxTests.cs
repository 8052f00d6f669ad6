using Ear.Alerts;
using Ear.Functions.Alerts;
using Ear.Tests.CustomerKeys.Validation;
using Ear.Tests.Fakes;

namespace Ear.Functions.Tests.Alerts;

public sealed class PublishOutboxTests : IAnnouncer
{
    private readonly InMemoryStore _store = new();
    private readonly List<EventId> _heard = [];
    private bool _dies;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_saved_event_is_announced_once_and_in_order()
    {
        var saved = await SaveAsync(600);
        await new PublishOutbox(new OutboxDrain(_store, this)).Run(new(), Cancellation);
        await new PublishOutbox(new OutboxDrain(_store, this)).Run(new(), Cancellation);
        Assert.Equal(saved, _heard);
    }

    [Fact]
    public async Task What_was_announced_when_we_died_is_announced_again_under_the_same_id()
    {
        var saved = await SaveAsync(3);
        _dies = true;
        await Assert.ThrowsAsync<IOException>(() => new PublishOutbox(new OutboxDrain(_store, this)).Run(new(), Cancellation));
        _dies = false;
        await new PublishOutbox(new OutboxDrain(_store, this)).Run(new(), Cancellation);
        Assert.Equal([.. saved, .. saved], _heard);
    }

    Task IAnnouncer.AnnounceAsync(IReadOnlyList<ChainedEvent> events, CancellationToken cancellation)
    {
        _heard.AddRange(events.Select(e => e.Event.Id));
        return _dies ? throw new IOException("The topic has them; its answer is lost.") : Task.CompletedTask;
    }

    private async Task<List<EventId>> SaveAsync(int count)
    {
        var project = await ConfiguredProject.SaveAsync(_store, new(Ear.CustomerKeys.KeyProvider.Aws, TimeProvider.System), TimeProvider.System);
        var events = Enumerable.Range(0, count).Select(i => CausedEvents.Of(project.Id, "CLUSTER_READY", $"{i}", project.Created)).ToList();
        await _store.SaveAsync(project, 1, events, Cancellation);
        return [.. events.Select(e => e.Id)];
    }
}
