using Azure.Data.Tables;
using Ear.Alerts;

namespace Ear.Providers.AzureTables;

/// <summary>
/// Events by the partitions that the shelf of the outbox lists, those first that were listed first, and in each by their sequence. Marking takes the row of the
/// outbox away; the event stays. Whoever was left out because the answer was full comes first the next time.
/// </summary>
internal sealed class TableOutbox(TableParts parts, HandOff handOff) : IOutbox
{
    private readonly TableStore _store = parts.Store;
    private string? _lastServed;

    public async Task<IReadOnlyList<ChainedEvent>> PendingAsync(int max, CancellationToken cancellation)
    {
        var listed = await _store.ShelfAsync(Shelves.Outbox, null, null, int.MaxValue, cancellation);
        foreach (var waiting in listed.Where(row => !IsProject(row.RowKey)))
        {
            await handOff.RunAsync(waiting.RowKey, cancellation);
            await DelistAsync(waiting, cancellation);
        }
        // Handing over may have listed projects.
        if (listed.Any(row => !IsProject(row.RowKey)))
            listed = await _store.ShelfAsync(Shelves.Outbox, null, null, int.MaxValue, cancellation);
        var pending = new List<ChainedEvent>();
        foreach (var row in InTurn([.. listed.Where(row => IsProject(row.RowKey)).OrderBy(row => row.Timestamp).ThenBy(row => row.RowKey, StringComparer.Ordinal)]))
        {
            var taken = await PendingInAsync(row.RowKey, max - pending.Count, cancellation);
            if (taken.Count == 0)
                await DelistAsync(row, cancellation);
            pending.AddRange(taken);
            if (pending.Count < max)
                continue;
            _lastServed = row.RowKey;
            return pending;
        }
        _lastServed = null;
        return pending;
    }

    public async Task MarkAnnouncedAsync(IReadOnlyList<ChainedEvent> events, CancellationToken cancellation)
    {
        foreach (var one in events.GroupBy(e => e.Event.ProjectId))
            await _store.DeleteAsync(one.Key.Value, [.. one.Select(e => RowKeys.Pending(e.Sequence))], cancellation);
    }

    private async Task<List<ChainedEvent>> PendingInAsync(string project, int max, CancellationToken cancellation)
    {
        var places = await _store.PrefixAsync(project, RowKeys.Outbox, cancellation, pageSize: Math.Min(max, 1000)).Take(max).Select(row => RowKeys.NumberIn(row.RowKey)).ToListAsync(cancellation);
        if (places.Count == 0)
            return [];
        // Mostly without gaps: the outbox empties from its front.
        var wanted = places.ToHashSet();
        return await _store.RangeAsync(project, RowKeys.Event(places[0]), RowKeys.Event(places[^1] + 1), cancellation)
            .Where(row => wanted.Contains(RowKeys.NumberIn(row.RowKey))).Select(EventRows.Read).ToListAsync(cancellation);
    }

    private Task DelistAsync(TableEntity row, CancellationToken cancellation)
        => parts.Index.RemoveIfUntrueAsync(row, async listing => await _store.PrefixAsync(listing.Owner, listing.Target, cancellation, pageSize: 1).AnyAsync(cancellation), cancellation);

    private IEnumerable<TableEntity> InTurn(List<TableEntity> rows)
    {
        var first = rows.FindIndex(row => row.RowKey == _lastServed) + 1;
        return rows.Skip(first).Concat(rows.Take(first));
    }

    // Partitions of credentials have a ':' in their names.
    private static bool IsProject(string partition) => !partition.Contains(':');
}
