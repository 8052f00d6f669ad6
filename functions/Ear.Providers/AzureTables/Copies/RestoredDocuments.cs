using System.Text.Json;
using Azure.Data.Tables;

namespace Ear.Providers.AzureTables.Copies;

/// <summary>What a document says of itself: the rows that it holds in its partition, and those of the index that lead to it.</summary>
/// <param name="Changed">Its row as it is to be after the restore; null: as it is.</param>
internal sealed record RestoredDocument(IReadOnlyList<string> Holds, IReadOnlyList<Listing> Listings, TableEntity? Changed);

internal interface IRestoredDocuments
{
    bool Has(string partition, string row);

    Task<RestoredDocument> ReadAsync(TableEntity row, long number, CancellationToken cancellation);

    Task<bool> TryClaimAsync(Listing listing, CancellationToken cancellation);
}

/// <summary>Documents of one type, found by how their rows begin.</summary>
/// <param name="after">What a restore makes of one; null: it stays as it is.</param>
internal sealed class RestoredDocuments<T>(TableParts parts, DocumentKind<T> kind, Func<string, string, bool> has, Func<T, long, T>? after = null) : IRestoredDocuments
    where T : class
{
    private readonly Documents<T> _documents = new(parts, kind);

    public bool Has(string partition, string row) => has(partition, row);

    public async Task<RestoredDocument> ReadAsync(TableEntity row, long number, CancellationToken cancellation)
    {
        var bytes = await parts.Contents.ReadAsync(row, cancellation)
            ?? throw new StoreException($"The document '{row.PartitionKey}/{row.RowKey}' was damaged when it was copied: its large content is not there.");
        var document = JsonSerializer.Deserialize<T>(bytes, EarJson.Options)!;
        return new(kind.Holds(document), kind.ListingsOf(document), after is null ? null : await ChangedAsync(row, after(document, number), cancellation));
    }

    public Task<bool> TryClaimAsync(Listing listing, CancellationToken cancellation)
        => parts.Index.TryClaimAsync(listing, l => _documents.IsTrueAsync(l, cancellation), cancellation);

    private async Task<TableEntity> ChangedAsync(TableEntity row, T document, CancellationToken cancellation)
    {
        var content = await parts.Contents.PrepareAsync(row.PartitionKey, row.RowKey, JsonSerializer.SerializeToUtf8Bytes(document, EarJson.Options), cancellation);
        var changed = new TableEntity(row.PartitionKey, row.RowKey);
        foreach (var (name, value) in row.Where(p => !Contents.IsContent(p.Key) && p.Key is not ("odata.etag" or "Timestamp" or "PartitionKey" or "RowKey")))
            changed[name] = value;
        content.PutInto(changed);
        return changed;
    }
}
