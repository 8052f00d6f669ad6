using System.Collections.Immutable;
using Ear.Projects;

namespace Ear.Alerts;

/// <summary>
/// Something that happened in a project, told to the world: the audit trail and the outbox in one (I8, I11). Saved in the same
/// write as the change it tells of. Never holds a secret.
/// </summary>
/// <param name="Type">Atlas's event type name, e.g. ENCRYPTION_AT_REST_CONFIG_NO_LONGER_VALID (R94–R102).</param>
/// <param name="Actor">Public key, client id, or "ear" for what the system did by itself.</param>
public sealed record ProjectEvent(EventId Id, ProjectId ProjectId, string Type, DateTimeOffset Created, string Actor)
{
    public string? ClusterName { get; init; }

    public string? NodeId { get; init; }

    /// <summary>The W3C <c>traceparent</c> of what caused it; null where nothing was traced.</summary>
    public string? Trace { get; init; }

    /// <summary>Facts for people and machines: reasons, names, ids.</summary>
    public ImmutableSortedDictionary<string, string> Details { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>An event with its place in the project's chain: each hash covers the event and the hash before it (I11).</summary>
public sealed record ChainedEvent(ProjectEvent Event, long Sequence, string Hash, string PreviousHash);

/// <param name="EventTypes">Empty: all.</param>
public sealed record EventFilter(
    ImmutableArray<string> EventTypes,
    ImmutableArray<string> ExcludedEventTypes,
    ImmutableArray<string> ClusterNames,
    DateTimeOffset? MinDate = null,
    DateTimeOffset? MaxDate = null)
{
    public static EventFilter All { get; } = new([], [], []);
}

/// <summary>Reading the events of a project; they are written only together with a document.</summary>
public interface IEvents
{
    /// <summary>Newest first.</summary>
    /// <param name="skip">How many to pass over.</param>
    Task<(IReadOnlyList<ChainedEvent> Events, int Total)> ListAsync(ProjectId project, EventFilter filter, int skip, int take, CancellationToken cancellation);

    Task<ChainedEvent?> FindAsync(ProjectId project, EventId id, CancellationToken cancellation);
}

/// <summary>Events that were saved and not yet announced, oldest first within a project.</summary>
public interface IOutbox
{
    Task<IReadOnlyList<ChainedEvent>> PendingAsync(int max, CancellationToken cancellation);

    Task MarkAnnouncedAsync(IReadOnlyList<ChainedEvent> events, CancellationToken cancellation);
}

/// <summary>Outbox → topic. Told twice is told once: the event id is the message id.</summary>
public interface IAnnouncer
{
    Task AnnounceAsync(IReadOnlyList<ChainedEvent> events, CancellationToken cancellation);
}
