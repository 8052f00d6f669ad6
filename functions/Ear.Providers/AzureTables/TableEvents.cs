using System.Collections.Immutable;
using System.Globalization;
using Azure.Data.Tables;
using Ear.Alerts;
using Ear.Projects;

namespace Ear.Providers.AzureTables;

/// <summary>
/// Without a filter a page is the rows of its sequences, and the total is the head's. With one, the properties that it asks for are read of all events of the
/// project, a thousand a call (by date the service filters): the total is part of the answer.
/// </summary>
internal sealed class TableEvents(TableParts parts) : IEvents
{
    private static readonly string[] Filtered = [nameof(TableEntity.RowKey), EventRows.TypeProperty, EventRows.ClusterProperty];

    private readonly TableStore _store = parts.Store;

    public async Task<(IReadOnlyList<ChainedEvent> Events, int Total)> ListAsync(ProjectId project, EventFilter filter, int skip, int take, CancellationToken cancellation)
    {
        var head = await Head.ReadAsync(_store, project.Value, cancellation);
        if (IsAll(filter))
        {
            var newest = head.Sequence - skip;
            var rows = newest < 1 || take < 1
                ? []
                : await _store.RangeAsync(project.Value, RowKeys.Event(Math.Max(1, newest - take + 1)), RowKeys.Event(newest + 1), cancellation).ToListAsync(cancellation);
            return ([.. rows.Select(EventRows.Read).Reverse()], checked((int)head.Sequence));
        }
        var matching = new List<string>();
        await foreach (var row in _store.PrefixAsync(project.Value, RowKeys.Events, cancellation, Dates(filter), Filtered))
        {
            if (Matches(filter, row.GetString(EventRows.TypeProperty), row.GetString(EventRows.ClusterProperty)))
                matching.Add(row.RowKey);
        }
        matching.Reverse();
        var page = await _store.SelectAsync(matching.Skip(skip).Take(take).ToList(), row => _store.FindAsync(project.Value, row, cancellation), cancellation);
        return ([.. page.OfType<TableEntity>().Select(EventRows.Read)], matching.Count);
    }

    public Task<ChainedEvent?> FindAsync(ProjectId project, EventId id, CancellationToken cancellation) => EventRows.FindAsync(_store, project.Value, id, cancellation);

    private static bool IsAll(EventFilter filter)
        => filter.EventTypes.IsDefaultOrEmpty && filter.ExcludedEventTypes.IsDefaultOrEmpty && filter.ClusterNames.IsDefaultOrEmpty && filter.MinDate is null && filter.MaxDate is null;

    // Types and clusters are matched here: a filter of the service holds 15 comparisons.
    private static bool Matches(EventFilter filter, string type, string? cluster)
        => (filter.EventTypes.IsDefaultOrEmpty || filter.EventTypes.Contains(type))
            && (filter.ExcludedEventTypes.IsDefaultOrEmpty || !filter.ExcludedEventTypes.Contains(type))
            && (filter.ClusterNames.IsDefaultOrEmpty || (cluster is not null && filter.ClusterNames.Contains(cluster)));

    private static string? Dates(EventFilter filter)
    {
        var (from, to) = (filter.MinDate?.UtcTicks, filter.MaxDate?.UtcTicks);
        var parts = ImmutableArray.Create(Compare("ge", from), Compare("le", to)).OfType<string>().ToList();
        return parts.Count == 0 ? null : string.Join(" and ", parts);

        static string? Compare(string how, long? ticks) => ticks is { } at ? string.Create(CultureInfo.InvariantCulture, $"{EventRows.CreatedProperty} {how} {at}L") : null;
    }
}
