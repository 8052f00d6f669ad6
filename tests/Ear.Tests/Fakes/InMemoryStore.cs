using System.Collections.Immutable;
using System.Text.Json;
using Ear.Alerts;
using Ear.Clusters;
using Ear.Nodes;
using Ear.Projects;
using Ear.Secrets;

namespace Ear.Tests.Fakes;

/// <summary>Where a save can be interrupted.</summary>
internal enum SavePoint
{
    /// <summary>The document is written, its events are not.</summary>
    BeforeEvents,

    /// <summary>All is written, nothing is durable.</summary>
    BeforeCommit,

    /// <summary>All is durable, the caller does not know.</summary>
    AfterCommit,
}

/// <summary>
/// All store ports over one immutable state: a save builds the next state and swaps it in, so that it happens as a whole or not at all.
/// Documents are kept as JSON, as a real store keeps them: what does not survive the round trip fails here too. Passes the store's contract suites.
/// </summary>
internal sealed partial class InMemoryStore : IProjects, IClusters, IUnfinishedClusters, INodes, IMachineTasks, IAlerts, IOpenAlerts, IAlertConfigs, ICredentials, IEvents, IOutbox, IAuditTrail, ISecrets
{
    private readonly Lock _gate = new();
    private State _state = new();

    /// <summary>Called at each point of each save; throwing is a crash at that point.</summary>
    public Action<SavePoint>? Fault { get; set; }

    /// <summary>All that is stored, for <see cref="IsUnchangedSince"/>. Giving back an earlier one undoes what came after it.</summary>
    public object Everything
    {
        get => _state;
        set => _state = (State)value;
    }

    /// <summary>Nothing was written since; a secret that was put and deleted again is nothing.</summary>
    public bool IsUnchangedSince(object everything)
        => everything is State then && (then == _state || (then with { Secrets = _state.Secrets } == _state && then.Secrets.Keys.ToHashSet().SetEquals(_state.Secrets.Keys)
            && then.Secrets.All(s => s.Value.AsSpan().SequenceEqual(_state.Secrets[s.Key]))));

    private SaveResult Save<T>(Func<State, Rows> read, Func<State, Rows, State> write, ProjectId project, string key, T document, long expectedVersion,
        IReadOnlyList<ProjectEvent> announce, Func<State, bool>? refuse = null)
    {
        lock (_gate)
        {
            var rows = read(_state);
            var current = rows.GetValueOrDefault(key);
            if ((current?.Version ?? 0) != expectedVersion || refuse?.Invoke(_state) is true)
                return SaveResult.Conflict;
            var row = new Row(JsonSerializer.Serialize(document, EarJson.Options), expectedVersion + 1);
            Commit(write(_state, rows.SetItem(key, row)), project, announce);
            return SaveResult.As(row.Version);
        }
    }

    private SaveResult Delete(Func<State, Rows> read, Func<State, Rows, State> write, ProjectId project, string key, long expectedVersion,
        IReadOnlyList<ProjectEvent> announce, Func<State, bool>? refuse = null)
    {
        lock (_gate)
        {
            var rows = read(_state);
            if (rows.GetValueOrDefault(key) is not { } current || current.Version != expectedVersion || refuse?.Invoke(_state) is true)
                return SaveResult.Conflict;
            Commit(write(_state, rows.Remove(key)), project, announce);
            return SaveResult.As(expectedVersion);
        }
    }

    private void Commit(State next, ProjectId project, IReadOnlyList<ProjectEvent> announce)
    {
        if (announce.FirstOrDefault(e => e.ProjectId != project) is { } stray)
            throw new ArgumentException($"Event {stray.Type} belongs to project {stray.ProjectId}, the document to {project}; save them apart.", nameof(announce));
        Fault?.Invoke(SavePoint.BeforeEvents);
        foreach (var @event in announce)
            next = next.Append(@event);
        Fault?.Invoke(SavePoint.BeforeCommit);
        _state = next;
        Fault?.Invoke(SavePoint.AfterCommit);
    }

    private static Stored<T>? Find<T>(Rows rows, string key)
        => rows.GetValueOrDefault(key) is { } row ? row.Read<T>() : null;

    private static List<Stored<T>> Scan<T>(Rows rows, string prefix)
        => [.. rows.Where(r => r.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(r => r.Value.Read<T>())];

    private sealed record Row(string Json, long Version)
    {
        public Stored<T> Read<T>() => new(JsonSerializer.Deserialize<T>(Json, EarJson.Options)!, Version);
    }

    private sealed record State
    {
        public Rows Projects { get; init; } = Rows.Empty;

        public ImmutableDictionary<(OrgId Org, string Name), ProjectId> ProjectNames { get; init; } = ImmutableDictionary<(OrgId Org, string Name), ProjectId>.Empty;

        public Rows Clusters { get; init; } = Rows.Empty;

        public Rows Nodes { get; init; } = Rows.Empty;

        public Rows Alerts { get; init; } = Rows.Empty;

        public Rows PrivateEndpoints { get; init; } = Rows.Empty;

        public Rows AlertConfigs { get; init; } = Rows.Empty;

        public Rows Credentials { get; init; } = Rows.Empty;

        public ImmutableDictionary<string, byte[]> Secrets { get; init; } = ImmutableDictionary<string, byte[]>.Empty;

        public ImmutableDictionary<ProjectId, ImmutableList<ChainedEvent>> Chains { get; init; } = ImmutableDictionary<ProjectId, ImmutableList<ChainedEvent>>.Empty;

        /// <summary>Not yet announced, in the order of their saving.</summary>
        public ImmutableList<ChainedEvent> Outbox { get; init; } = [];

        public ImmutableList<ChainedEvent> ChainOf(ProjectId project) => Chains.GetValueOrDefault(project) ?? [];

        public State WithName(Project project) => this with { ProjectNames = ProjectNames.SetItem((project.OrgId, project.Name), project.Id) };

        public State Append(ProjectEvent @event)
        {
            var chain = ChainOf(@event.ProjectId);
            if (chain.Any(c => c.Event.Id == @event.Id))
                return this;
            var previous = chain.IsEmpty ? EventChain.Genesis : chain[^1].Hash;
            var bytes = EventChain.CanonicalBytes(@event);
            var copy = JsonSerializer.Deserialize<ProjectEvent>(bytes, EarJson.Options)!;
            var chained = new ChainedEvent(copy, chain.Count + 1, EventChain.Hash(previous, bytes), previous);
            return this with { Chains = Chains.SetItem(@event.ProjectId, chain.Add(chained)), Outbox = Outbox.Add(chained) };
        }
    }

    /// <summary>Rows by key, in ordinal order.</summary>
    private sealed class Rows(ImmutableSortedDictionary<string, Row> rows) : IEnumerable<KeyValuePair<string, Row>>
    {
        public static Rows Empty { get; } = new(ImmutableSortedDictionary.Create<string, Row>(StringComparer.Ordinal));

        public Row? GetValueOrDefault(string key) => rows.GetValueOrDefault(key);

        public Rows SetItem(string key, Row row) => new(rows.SetItem(key, row));

        public Rows Remove(string key) => new(rows.Remove(key));

        public Rows RemoveBelow(string prefix) => new(rows.RemoveRange(rows.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal))));

        public IEnumerator<KeyValuePair<string, Row>> GetEnumerator() => rows.GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
