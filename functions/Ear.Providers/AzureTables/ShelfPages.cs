using System.Runtime.CompilerServices;
using Azure.Data.Tables;

namespace Ear.Providers.AzureTables;

/// <summary>
/// Walks over the rows of a shelf, a page in memory at a time. A walk that is left in the middle is gone on with by the next one, which begins after the row where it was left and
/// comes round to it: so whoever is never reached today is first tomorrow. Where that was is forgotten at a restart, which costs nothing.
/// </summary>
/// <param name="prefix">Only rows that begin so; null: all.</param>
internal sealed class ShelfPages(TableStore store, string shelf, string? prefix = null)
{
    private readonly string? _end = prefix is null ? null : RowKeys.EndOf(prefix);
    private string? _left;

    /// <summary>Each row once.</summary>
    public async IAsyncEnumerable<TableEntity> WalkAsync(int page, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var start = Volatile.Read(ref _left);
        (string? After, string? UpTo)[] parts = start is null ? [(prefix, _end)] : [(start, _end), (prefix, start)];
        foreach (var (after, upTo) in parts)
        {
            var last = after;
            List<TableEntity> rows;
            do
            {
                rows = await store.ShelfAsync(shelf, last, upTo, page, cancellation);
                foreach (var row in rows)
                {
                    last = row.RowKey;
                    Volatile.Write(ref _left, last);
                    yield return row;
                }
            }
            while (rows.Count == page);
        }
        Volatile.Write(ref _left, null);
    }
}
