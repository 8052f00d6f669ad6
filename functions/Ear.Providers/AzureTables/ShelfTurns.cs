using Azure.Data.Tables;

namespace Ear.Providers.AzureTables;

/// <summary>Lists rows of a shelf in turns: each gets its own, however many there are. Where the last turn ended is forgotten at a restart, which costs nothing.</summary>
internal sealed class ShelfTurns(TableStore store, string shelf)
{
    private string? _last;

    public async Task<IReadOnlyList<TableEntity>> NextAsync(int max, CancellationToken cancellation)
    {
        var last = Volatile.Read(ref _last);
        var turn = await store.ShelfAsync(shelf, last, null, max, cancellation);
        if (turn.Count < max && last is not null)
            turn.AddRange(await store.ShelfAsync(shelf, null, last, max - turn.Count, cancellation));
        Volatile.Write(ref _last, turn.Count > 0 ? turn[^1].RowKey : null);
        return turn;
    }
}
