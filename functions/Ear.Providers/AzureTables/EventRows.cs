using System.Text.Json;
using Azure.Data.Tables;
using Ear.Alerts;
using Ear.Projects;

namespace Ear.Providers.AzureTables;

/// <summary>An event as it is to be appended.</summary>
internal sealed record PreparedEvent(ProjectEvent Event, byte[] Bytes);

/// <summary>
/// The events of a project in its partition. Of each three rows: the event at its place in the chain, which never changes; its place by its id, which makes
/// told twice told once; and, until it is announced, its place in the outbox.
/// </summary>
internal static class EventRows
{
    public const string TypeProperty = "Type";
    public const string ClusterProperty = "Cluster";
    public const string CreatedProperty = "Created";
    private const string IdProperty = "Id";
    public const string HashProperty = "Hash";
    private const string PreviousProperty = "PreviousHash";
    public const string SequenceProperty = "Sequence";
    public const string WriteProperty = "Write";

    /// <summary>Three rows each, beside document, head, tombstone and what a document may hold, fit the 100 rows of a transaction.</summary>
    public const int MaxAtOnce = 30;

    /// <summary>In one transaction; with a document in its row and base64 that is 3.4 of its 4 MiB.</summary>
    public const int MaxBytesAtOnce = 2 * 1024 * 1024;

    private const int MaxBytesOfOne = 512 * 1024;

    /// <exception cref="ArgumentException">Events of another project, or more than fit one transaction: they could not be one atomic write in the project's partition.</exception>
    public static PreparedEvent[] Prepare(ProjectId project, IReadOnlyList<ProjectEvent> events)
    {
        if (events.Count > MaxAtOnce)
            throw new ArgumentException($"{events.Count} events in one save; Azure Tables keeps at most {MaxAtOnce} together with a document. Save in parts.", nameof(events));
        PreparedEvent[] prepared = [.. events.DistinctBy(e => e.Id).Select(e => e.ProjectId == project
            ? new PreparedEvent(e, EventChain.CanonicalBytes(e))
            : throw new ArgumentException($"Event {e.Type} belongs to project {e.ProjectId}, the document to {project}; save them apart.", nameof(events)))];
        if (prepared.Any(e => e.Bytes.Length > MaxBytesOfOne) || prepared.Sum(e => e.Bytes.Length) > MaxBytesAtOnce)
            throw new ArgumentException($"Events of {prepared.Sum(e => e.Bytes.Length)} bytes in one save; Azure Tables keeps at most {MaxBytesOfOne} of one and {MaxBytesAtOnce} together.", nameof(events));
        return prepared;
    }

    /// <returns>The head after them.</returns>
    public static Head Append(Head head, IReadOnlyList<PreparedEvent> events, string write, List<TableTransactionAction> actions)
    {
        var partition = head.Partition;
        foreach (var (e, bytes) in events)
        {
            var hash = EventChain.Hash(head.Hash, bytes);
            var sequence = head.Sequence + 1;
            var row = new TableEntity(partition, RowKeys.Event(sequence))
            {
                [IdProperty] = e.Id.Value,
                [TypeProperty] = e.Type,
                [ClusterProperty] = e.ClusterName,
                [CreatedProperty] = e.Created.UtcTicks,
                [PreviousProperty] = head.Hash,
                [HashProperty] = hash,
            };
            foreach (var (name, slice) in Contents.Slices(bytes))
                row[name] = slice;
            actions.Add(new(TableTransactionActionType.Add, row));
            actions.Add(new(TableTransactionActionType.Add, new TableEntity(partition, RowKeys.EventId(e.Id.Value)) { [SequenceProperty] = sequence, [WriteProperty] = write }));
            actions.Add(new(TableTransactionActionType.Add, new TableEntity(partition, RowKeys.Pending(sequence))));
            head = head with { Sequence = sequence, Hash = hash, IsListed = true };
        }
        return head;
    }

    /// <summary>Those that the project does not have yet.</summary>
    /// <param name="areOurs">One of them was told by this very save, whose answer was lost.</param>
    public static async Task<(PreparedEvent[] Fresh, bool AreOurs)> UntoldAsync(TableStore store, string partition, PreparedEvent[] events, string write, CancellationToken cancellation)
    {
        var there = await store.SelectAsync(events, e => store.FindAsync(partition, RowKeys.EventId(e.Event.Id.Value), cancellation), cancellation);
        return ([.. events.Where((_, i) => there[i] is null)], there.Any(row => row?.GetString(WriteProperty) == write));
    }

    public static async Task<ChainedEvent?> FindAsync(TableStore store, string partition, EventId id, CancellationToken cancellation)
        => await store.FindAsync(partition, RowKeys.EventId(id.Value), cancellation) is { } place
            && await store.FindAsync(partition, RowKeys.Event(place.GetInt64(SequenceProperty)!.Value), cancellation) is { } row
                ? Read(row)
                : null;

    public static ChainedEvent Read(TableEntity row)
        => new(JsonSerializer.Deserialize<ProjectEvent>(Contents.InRowOf(row), EarJson.Options)!, RowKeys.NumberIn(row.RowKey), row.GetString(HashProperty), row.GetString(PreviousProperty));

    /// <summary>For who must go on where a row is damaged.</summary>
    /// <returns>Null: it holds no event. What it does hold is told to nobody, since it may be anything.</returns>
    public static ChainedEvent? TryRead(TableEntity row)
    {
        try
        {
            return TryRead(Contents.InRowOf(row)) is { } told && row.GetString(HashProperty) is { } hash && row.GetString(PreviousProperty) is { } previous
                ? new(told, RowKeys.NumberIn(row.RowKey), hash, previous)
                : null;
        }
        // A property of another type, a key without a number.
        catch (Exception e) when (e is InvalidOperationException or FormatException or OverflowException)
        {
            return null;
        }
    }

    /// <inheritdoc cref="TryRead(TableEntity)"/>
    public static ProjectEvent? TryRead(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize<ProjectEvent>(json, EarJson.Options) is { Id.Value: not null, ProjectId.Value: not null, Type: not null } told ? told : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The properties that listings filter by are those of the event itself.</summary>
    public static bool IsFiledRight(TableEntity row, ProjectEvent e)
        => Equals(row[IdProperty], e.Id.Value) && Equals(row[TypeProperty], e.Type) && Equals(row[ClusterProperty], e.ClusterName) && Equals(row[CreatedProperty], e.Created.UtcTicks);
}
