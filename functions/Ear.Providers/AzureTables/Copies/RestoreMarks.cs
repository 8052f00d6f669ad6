using Azure.Data.Tables;
using Ear.Copies;

namespace Ear.Providers.AzureTables.Copies;

/// <summary>What a restore notes in the store that it makes, so that it goes on where it was, and nobody works with half a store. Gone at its end.</summary>
/// <param name="Number">Of this restore: milliseconds since 1970 when it was begun. Goals, fences, generations and versions after it are larger than any before.</param>
internal sealed class RestoreMarks(TableStore store, string copy, long number, HashSet<string> poured)
{
    private const string UnderWay = "under-way";
    private const string PartPrefix = "part-";
    private const string CopyProperty = "Copy";
    private const string NumberProperty = "Number";

    public long Number => number;

    public bool IsResumed { get; private init; }

    /// <summary>Begins, or goes on with what was begun.</summary>
    /// <exception cref="StoreException">The store holds something, or a restore of another copy is under way there.</exception>
    public static async Task<RestoreMarks> BeginAsync(TableStore store, string copy, long number, CancellationToken cancellation)
    {
        if (await FindAsync(store, cancellation) is { } there)
        {
            if (there.GetString(CopyProperty) != copy)
                throw new StoreException($"A restore of the copy {there.GetString(CopyProperty)} into these tables was begun. Finish it with --copy {there.GetString(CopyProperty)}, or delete the tables and begin again.");
            var marks = await store.ShelfAsync(Shelves.Restore, null, null, int.MaxValue, cancellation);
            return new(store, copy, there.GetInt64(NumberProperty)!.Value, [.. marks.Where(m => m.RowKey.StartsWith(PartPrefix, StringComparison.Ordinal)).Select(m => m.RowKey)]) { IsResumed = true };
        }
        foreach (var table in Enum.GetValues<CopyTable>())
        {
            if (await store.AllAsync(table, null, null, null, null, 2, cancellation).AnyAsync(row => !Layout.IsNumber(row), cancellation))
                throw new StoreException($"The table {store.Options.Prefix}{table} of {store.Large.AccountName} is not empty. A restore never mixes two states: delete both tables and the container {store.Large.Name}, or restore under another --prefix.");
        }
        await store.PutIndexAsync(new TableEntity(Shelves.Restore, UnderWay) { [CopyProperty] = copy, [NumberProperty] = number }, cancellation);
        return new(store, copy, number, []);
    }

    /// <exception cref="StoreException">A restore was begun here and not finished.</exception>
    public static async Task RefuseHalfAsync(TableStore store, CancellationToken cancellation)
    {
        if (await FindAsync(store, cancellation) is { } there)
            throw new StoreException($"The restore of the copy {there.GetString(CopyProperty)} into Ear's store is not finished. Run the same ear state restore again: it goes on where it was.");
    }

    public bool IsPoured(string blob) => poured.Contains(Part(blob));

    public Task PouredAsync(string blob, CancellationToken cancellation) => store.PutIndexAsync(new TableEntity(Shelves.Restore, Part(blob)), cancellation);

    /// <summary>The mark that it is under way goes last.</summary>
    public async Task EndAsync(CancellationToken cancellation)
    {
        foreach (var mark in (await store.ShelfAsync(Shelves.Restore, null, null, int.MaxValue, cancellation)).OrderBy(m => m.RowKey == UnderWay))
            await store.TryDeleteIndexAsync(mark, cancellation);
    }

    public override string ToString() => $"{copy}, restore {number}";

    private static string Part(string blob) => $"{PartPrefix}{RowKeys.Part(blob)}";

    private static Task<TableEntity?> FindAsync(TableStore store, CancellationToken cancellation) => store.FindIndexAsync(Shelves.Restore, UnderWay, cancellation);
}
