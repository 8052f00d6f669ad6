using Ear.Alerts;
using Ear.Projects;

namespace Ear.Tests.Fakes;

internal sealed partial class InMemoryStore
{
    /// <summary>Every event of every project, oldest first within a project: for assertions.</summary>
    public IReadOnlyList<ProjectEvent> AllEvents => [.. _state.Chains.Values.SelectMany(c => c).Select(c => c.Event)];

    public Task<(IReadOnlyList<ChainedEvent> Events, int Total)> ListAsync(ProjectId project, EventFilter filter, int skip, int take, CancellationToken cancellation)
    {
        var matching = _state.ChainOf(project).Where(c => Matches(c.Event, filter)).Reverse().ToList();
        return Task.FromResult<(IReadOnlyList<ChainedEvent>, int)>(([.. matching.Skip(skip).Take(take)], matching.Count));
    }

    public Task<ChainedEvent?> FindAsync(ProjectId project, EventId id, CancellationToken cancellation)
        => Task.FromResult(_state.ChainOf(project).Find(c => c.Event.Id == id));

    public Task<IReadOnlyList<ChainedEvent>> PendingAsync(int max, CancellationToken cancellation)
        => Task.FromResult<IReadOnlyList<ChainedEvent>>([.. _state.Outbox.Take(max)]);

    public Task MarkAnnouncedAsync(IReadOnlyList<ChainedEvent> events, CancellationToken cancellation)
    {
        var announced = events.Select(e => (e.Event.ProjectId, e.Sequence)).ToHashSet();
        lock (_gate)
            _state = _state with { Outbox = _state.Outbox.RemoveAll(e => announced.Contains((e.Event.ProjectId, e.Sequence))) };
        return Task.CompletedTask;
    }

    public Task<ChainCheck> VerifyAsync(ProjectId project, CancellationToken cancellation)
    {
        var chain = _state.ChainOf(project);
        var previous = EventChain.Genesis;
        foreach (var (@event, sequence, hash, previousHash) in chain)
        {
            if (previousHash != previous || hash != EventChain.Hash(previous, EventChain.CanonicalBytes(@event)))
                return Task.FromResult(new ChainCheck(chain.Count, $"Event {sequence} does not follow the one before it."));
            previous = hash;
        }
        return Task.FromResult(new ChainCheck(chain.Count, null));
    }

    /// <summary>Changes an event behind the store's back, as somebody with the disk in hand could.</summary>
    public void Tamper(ProjectId project, long sequence, Func<ProjectEvent, ProjectEvent> change)
    {
        lock (_gate)
        {
            var chain = _state.ChainOf(project);
            var old = chain[(int)sequence - 1];
            _state = _state with { Chains = _state.Chains.SetItem(project, chain.SetItem((int)sequence - 1, old with { Event = change(old.Event) })) };
        }
    }

    private static bool Matches(ProjectEvent e, EventFilter filter)
        => (filter.EventTypes.IsEmpty || filter.EventTypes.Contains(e.Type))
            && !filter.ExcludedEventTypes.Contains(e.Type)
            && (filter.ClusterNames.IsEmpty || (e.ClusterName is { } cluster && filter.ClusterNames.Contains(cluster)))
            && !(e.Created < filter.MinDate)
            && !(e.Created > filter.MaxDate);
}
