using Azure.Data.Tables;

namespace Ear.Providers.AzureTables;

/// <summary>
/// How rows and documents lie in the tables, as a number in a row of the index. Tables of a newer Ear are refused before anything is written: an older program would
/// write whole documents back without what it does not know. Looked at once, at start: versions never run side by side (ADR-0008), and a restore is one, too.
/// </summary>
internal static class Layout
{
    /// <summary>
    /// Grows when an Ear of before could not read the rows, their lines in a copy, or a member of a document whose loss would matter. Whoever raises it says in <see cref="SettleAsync"/>
    /// what becomes of older rows: done twice must be done once, since the number is written after it.
    /// </summary>
    public const int Version = 1;

    private const string Row = "schema";
    private const string NumberProperty = "Number";

    /// <summary>Of tables from before there was a number.</summary>
    private const int Unnumbered = 1;

    /// <summary>Whether a row of the index is the number, and so nothing that anybody has saved.</summary>
    public static bool IsNumber(TableEntity row) => row.PartitionKey == Shelves.Meta && row.RowKey == Row;

    /// <summary>Only looks; where there is no table yet, there is nothing to refuse.</summary>
    /// <param name="known">The newest that this Ear knows.</param>
    /// <exception cref="StoreException">A newer Ear wrote the tables; the text says what to do.</exception>
    public static async Task RefuseNewerAsync(TableStore store, CancellationToken cancellation, int known = Version)
    {
        try
        {
            await FindAsync(store, known, cancellation);
        }
        catch (StoreException e) when (StorageFault.IsNoTable(e))
        {
            // A new store.
        }
    }

    /// <summary>Writes the number where there is none, and raises a smaller one once the rows are as it says.</summary>
    /// <exception cref="StoreException">A newer Ear was faster.</exception>
    public static async Task SettleAsync(TableStore store, CancellationToken cancellation, int known = Version)
    {
        // Several may start at the same time: each round one of them gets on, and the others read again what it wrote.
        while (true)
        {
            // New tables, too: there is nothing in them that a step would have to change.
            if (await FindAsync(store, known, cancellation) is not { } row)
                await store.TryAddIndexAsync(Numbered(Unnumbered), cancellation);
            else if (NumberOf(store, row) == known || await store.TryReplaceIndexAsync(Numbered(known), row.ETag, cancellation))
                return;
        }
    }

    /// <summary>For a restore, whose rows lie as those of its copy did: whatever older ones need, the next start does.</summary>
    public static Task PutAsync(TableStore store, int number, CancellationToken cancellation) => store.PutIndexAsync(Numbered(number), cancellation);

    private static async Task<TableEntity?> FindAsync(TableStore store, int known, CancellationToken cancellation)
    {
        if (await store.FindIndexAsync(Shelves.Meta, Row, cancellation) is not { } row)
            return null;
        return NumberOf(store, row) is var found && found <= known
            ? row
            : throw new StoreException($"The tables {Names(store)} have schema {found}, written by a newer Ear; this one knows up to {known}. "
                + "Start the newer Ear, or restore a copy from before the update.");
    }

    private static int NumberOf(TableStore store, TableEntity row) => row.TryGetValue(NumberProperty, out var value) && value is int number and >= Unnumbered
        ? number
        : throw new StoreException($"The row '{Row}' of '{Shelves.Meta}' in {store.Options.Prefix}Index does not say which schema the tables {Names(store)} have. Restore a copy.");

    private static TableEntity Numbered(int number) => new(Shelves.Meta, Row) { [NumberProperty] = number };

    private static string Names(TableStore store) => $"{store.Options.Prefix}Documents and {store.Options.Prefix}Index of {store.Large.AccountName}";
}
