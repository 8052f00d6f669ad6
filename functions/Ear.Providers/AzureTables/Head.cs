using Azure;
using Azure.Data.Tables;
using Ear.Alerts;

namespace Ear.Providers.AzureTables;

/// <summary>The head of a partition: where its chain of events ends. Its version is what transactions that reach beyond the partition are conditional on.</summary>
/// <param name="IsListed">The partition is on the shelf of the outbox.</param>
internal sealed record Head(string Partition, long Sequence, string Hash, bool IsListed, ETag? Version)
{
    public const string FenceProperty = "Fence";
    public const string ListedProperty = "Listed";
    private const string SequenceProperty = "Sequence";
    private const string HashProperty = "Hash";

    public static async Task<Head> ReadAsync(TableStore store, string partition, CancellationToken cancellation)
        => await store.FindAsync(partition, RowKeys.Head, cancellation) is { } row
            ? new(partition, row.GetInt64(SequenceProperty) ?? 0, row.GetString(HashProperty) ?? EventChain.Genesis, row.GetBoolean(ListedProperty) ?? false, row.ETag)
            : new(partition, 0, EventChain.Genesis, false, null);

    /// <summary>Writes it only if it is as it was read.</summary>
    public TableTransactionAction Action()
    {
        var row = new TableEntity(Partition, RowKeys.Head) { [SequenceProperty] = Sequence, [HashProperty] = Hash, [ListedProperty] = IsListed };
        return Version is { } read
            ? new(TableTransactionActionType.UpdateReplace, row, read)
            : new(TableTransactionActionType.Add, row);
    }
}
