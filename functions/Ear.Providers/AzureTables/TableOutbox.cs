using System.Collections.Concurrent;
using Azure.Data.Tables;
using Ear.Alerts;
using Microsoft.Extensions.Logging;

namespace Ear.Providers.AzureTables;

/// <summary>
/// Events by the partitions that the shelf of the outbox lists, in turn, and in each by their sequence. Marking takes the row of the outbox away; the event stays.
/// Whoever was left out because the answer was full comes first the next time. What is wrong with one partition holds back that one's events, from there on, and nobody else's.
/// </summary>
internal sealed class TableOutbox(TableParts parts, HandOff handOff) : IOutbox
{
    /// <summary>So many partitions may fail by the account's fault before the account is taken to be down, and each of the others is spared its repeats.</summary>
    private const int MaxFaults = 3;

    private readonly TableStore _store = parts.Store;
    private readonly ShelfPages _projects = new(parts.Store, Shelves.Outbox);
    private readonly ShelfPages[] _credentials = [new(parts.Store, Shelves.Outbox, TableCredentials.AccountPartitions), new(parts.Store, Shelves.Outbox, TableCredentials.KeyPartitions)];
    private readonly ConcurrentDictionary<string, bool> _held = new(StringComparer.Ordinal);

    /// <summary>Rows of the shelf in memory at a time; only a test asks for fewer.</summary>
    internal int PageRows { get; init; } = 500;

    public async Task<IReadOnlyList<ChainedEvent>> PendingAsync(int max, CancellationToken cancellation)
    {
        // First, since it lists projects.
        var faults = await HandOverAsync(cancellation);
        var pending = new List<ChainedEvent>();
        await foreach (var row in _projects.WalkAsync(PageRows, cancellation))
        {
            if (!IsProject(row.RowKey))
                continue;
            var fault = await TryAsync(row.RowKey, () => TakeAsync(row, max, pending, cancellation));
            if (fault is not null && ++faults >= MaxFaults)
                return pending.Count > 0 ? pending : throw fault;
            if (pending.Count >= max)
                break;
        }
        return pending;
    }

    public async Task MarkAnnouncedAsync(IReadOnlyList<ChainedEvent> events, CancellationToken cancellation)
    {
        foreach (var one in events.GroupBy(e => e.Event.ProjectId))
            await _store.DeleteAsync(one.Key.Value, [.. one.Select(e => RowKeys.Pending(e.Sequence))], cancellation);
    }

    /// <returns>How many failed by the account's fault.</returns>
    private async Task<int> HandOverAsync(CancellationToken cancellation)
    {
        var faults = 0;
        foreach (var credentials in _credentials)
        {
            await foreach (var row in credentials.WalkAsync(PageRows, cancellation))
            {
                var fault = await TryAsync(row.RowKey, async () =>
                {
                    await handOff.RunAsync(row.RowKey, cancellation);
                    await DelistAsync(row, cancellation);
                });
                if (fault is not null && ++faults >= MaxFaults)
                    return faults;
            }
        }
        return faults;
    }

    /// <summary>Adds the events of a project, in their order, up to the first that cannot be read: what comes after it is not announced before it.</summary>
    private async Task TakeAsync(TableEntity listed, int max, List<ChainedEvent> pending, CancellationToken cancellation)
    {
        var (project, room) = (listed.RowKey, max - pending.Count);
        var places = await _store.PrefixAsync(project, RowKeys.Outbox, cancellation, pageSize: Math.Min(room, 1000)).Take(room).Select(row => RowKeys.NumberIn(row.RowKey)).ToListAsync(cancellation);
        if (places.Count == 0)
        {
            await DelistAsync(listed, cancellation);
            return;
        }
        var next = 0;
        await foreach (var row in _store.RangeAsync(project, RowKeys.Event(places[0]), RowKeys.Event(places[^1] + 1), cancellation))
        {
            var sequence = RowKeys.NumberIn(row.RowKey);
            // Announced already. There are few such: the outbox empties from its front.
            if (sequence < places[next])
                continue;
            if (sequence > places[next] || EventRows.TryRead(row) is not { } told || told.Event.ProjectId.Value != project)
                break;
            pending.Add(told);
            next++;
        }
        if (next < places.Count)
            throw new StoreException($"Event {places[next]} of project {project} is not there or cannot be read. Restore the row '{RowKeys.Event(places[next])}', or delete '{RowKeys.Pending(places[next])}' to leave it out.");
    }

    private Task DelistAsync(TableEntity row, CancellationToken cancellation)
        => parts.Index.RemoveIfUntrueAsync(row, async listing => await _store.PrefixAsync(listing.Owner, listing.Target, cancellation, pageSize: 1).AnyAsync(cancellation), cancellation);

    /// <summary>Told when it begins and when it ends, not at each drain in between.</summary>
    /// <returns>The account's fault; null: there was none, though what lies there may have one.</returns>
    private async Task<StoreException?> TryAsync(string partition, Func<Task> call)
    {
        try
        {
            await call();
            if (_held.TryRemove(partition, out _))
                parts.Logger.EventsGoOn(partition);
            return null;
        }
        catch (Exception e) when (e is StoreException or FormatException or OverflowException)
        {
            if (_held.TryAdd(partition, true))
                parts.Logger.EventsHeldBack(e, partition);
            return e is StoreException fault && StorageFault.IsOfTheAccount(fault) ? fault : null;
        }
    }

    // Partitions of credentials have a ':' in their names.
    private static bool IsProject(string partition) => !partition.Contains(':');
}
