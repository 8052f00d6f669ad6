using Azure.Data.Tables;

namespace Ear.Providers.AzureTables;

/// <summary>Lists rows of a shelf in turns: each gets its own, however many there are. Where the last turn ended is forgotten at a restart, which costs nothing.</summary>
internal sealed class ShelfTurns(TableStore store, string shelf)
{
    private string? _last;

    /// <param name="follow">What rows lead to; fewer than the rows where some are not true.</param>
    public async Task<IReadOnlyList<T>> NextAsync<T>(int max, Func<IReadOnlyList<TableEntity>, Task<IReadOnlyList<T>>> follow, CancellationToken cancellation)
    {
        var start = Volatile.Read(ref _last);
        var (last, isAround) = (start, false);
        var turn = new List<T>();
        // Each row is seen once, those after where the last turn ended first.
        while (turn.Count < max)
        {
            var rows = await store.ShelfAsync(shelf, last, isAround ? start : null, max - turn.Count, cancellation);
            if (rows.Count > 0)
            {
                turn.AddRange(await follow(rows));
                last = rows[^1].RowKey;
            }
            else if (isAround || start is null)
                break;
            else
                (last, isAround) = (null, true);
        }
        Volatile.Write(ref _last, last);
        return turn;
    }
}
