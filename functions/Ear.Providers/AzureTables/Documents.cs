using System.Text.Json;
using Azure.Data.Tables;
using Ear.Alerts;
using Ear.Projects;
using Microsoft.Extensions.Logging;

namespace Ear.Providers.AzureTables;

/// <summary>What all documents share.</summary>
internal sealed record TableParts(TableStore Store, Index Index, Contents Contents, PartitionWriter Writer, IIds Ids, ILogger<TableStore> Logger);

/// <summary>A document as it was found, with its row.</summary>
internal sealed record Found<T>(T Document, long Version, TableEntity Row)
{
    public Stored<T> AsStored() => new(Document, Version);
}

/// <summary>Versioned documents of one type: reading them, alone, by partition, and through the index. <see cref="DocumentSave{T}"/> writes them.</summary>
internal sealed class Documents<T>(TableParts parts, DocumentKind<T> kind)
    where T : class
{
    /// <summary>How often a row may be replaced while its blob is read.</summary>
    private const int MaxReads = 10;

    private readonly TableStore _store = parts.Store;

    public async Task<Stored<T>?> FindAsync(string partition, string row, CancellationToken cancellation) => (await ReadAsync(partition, row, cancellation))?.AsStored();

    /// <summary>All in the partition whose rows begin so, in the order of their rows.</summary>
    /// <param name="column">Only those with this value.</param>
    public async Task<IReadOnlyList<Stored<T>>> ListAsync(string partition, string prefix, CancellationToken cancellation, (string Name, string Value)? column = null)
    {
        var filter = column is { } only ? $"{only.Name} eq '{only.Value}'" : null;
        var rows = await _store.PrefixAsync(partition, prefix, cancellation, filter).ToListAsync(cancellation);
        var found = await _store.SelectAsync(rows, row => OpenAsync(row, cancellation), cancellation);
        return [.. found.OfType<Found<T>>().Select(f => f.AsStored())];
    }

    /// <summary>The documents that rows of the index lead to, as far as they have them; rows that are not true (any more) are taken away.</summary>
    public async Task<IReadOnlyList<Stored<T>>> FollowAsync(IReadOnlyList<TableEntity> rows, CancellationToken cancellation)
    {
        var found = await _store.SelectAsync(rows, async row =>
        {
            var listing = Listing.Of(row);
            if (await ReadAsync(listing.Owner, listing.Target, cancellation) is { } there && kind.Has(there.Document, listing))
                return there.AsStored();
            await parts.Index.RemoveIfUntrueAsync(row, l => IsTrueAsync(l, cancellation), cancellation);
            return null;
        }, cancellation);
        return [.. found.OfType<Stored<T>>()];
    }

    /// <summary>The document that a row of the index leads to; null where there is none, or the row is not true.</summary>
    public async Task<Stored<T>?> FollowAsync(string shelf, string row, CancellationToken cancellation)
        => await _store.FindIndexAsync(shelf, row, cancellation) is { } there && Listing.Of(there) is var listing
            && await ReadAsync(listing.Owner, listing.Target, cancellation) is { } found && kind.Has(found.Document, listing)
                ? found.AsStored()
                : null;

    public Task<SaveResult> SaveAsync(T document, long expectedVersion, ProjectId project, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => new DocumentSave<T>(parts, this, kind, document, isDeletion: false, expectedVersion, project, announce).RunAsync(cancellation);

    public Task<SaveResult> DeleteAsync(T document, long expectedVersion, ProjectId project, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => new DocumentSave<T>(parts, this, kind, document, isDeletion: true, expectedVersion, project, announce).RunAsync(cancellation);

    /// <summary>Deletes all in the partition whose rows begin so, whatever their versions.</summary>
    public async Task ForgetAsync(ProjectId project, string prefix, CancellationToken cancellation)
    {
        for (var tries = 0; tries < MaxReads; tries++)
        {
            var left = await ListAsync(project.Value, prefix, cancellation);
            if (left.Count == 0)
                return;
            // One that was saved meanwhile is listed again with its new version.
            foreach (var (document, version) in left)
                await DeleteAsync(document, version, project, [], cancellation);
        }
        throw new StoreException($"Documents of project {project} are saved while they are to be forgotten. Whoever deletes the project again forgets them.");
    }

    public async Task<Found<T>?> ReadAsync(string partition, string row, CancellationToken cancellation)
    {
        for (var reads = 0; reads < MaxReads; reads++)
        {
            if (await _store.FindAsync(partition, row, cancellation) is not { } there)
                return null;
            if (await parts.Contents.ReadAsync(there, cancellation) is { } bytes)
                return new(JsonSerializer.Deserialize<T>(bytes, EarJson.Options)!, there.GetInt64(DocumentSave<T>.VersionProperty)!.Value, there);
        }
        throw new StoreException($"The document '{partition}/{row}' names a blob that is not there. Restore it from the account's soft delete or a backup.");
    }

    public async Task<bool> IsTrueAsync(Listing listing, CancellationToken cancellation)
        => await ReadAsync(listing.Owner, listing.Target, cancellation) is { } found && kind.Has(found.Document, listing);

    // A row of a listing whose blob was replaced meanwhile is read by itself.
    private async Task<Found<T>?> OpenAsync(TableEntity row, CancellationToken cancellation)
        => await parts.Contents.ReadAsync(row, cancellation) is { } bytes
            ? new(JsonSerializer.Deserialize<T>(bytes, EarJson.Options)!, row.GetInt64(DocumentSave<T>.VersionProperty)!.Value, row)
            : await ReadAsync(row.PartitionKey, row.RowKey, cancellation);
}
