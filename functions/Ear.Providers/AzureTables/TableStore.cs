using System.Runtime.CompilerServices;
using Azure;
using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;
using Ear.Copies;

namespace Ear.Providers.AzureTables;

/// <summary>
/// The store's two tables and its container, and the few calls that Ear makes to them. Documents: a partition for each project and for each credential.
/// Index: what finds documents across partitions. Faults that pass are repeated by the pipeline; what remains is a <see cref="StoreException"/>.
/// </summary>
internal sealed class TableStore
{
    /// <summary>The most rows that the service answers with at once.</summary>
    private const int PageSize = 1000;

    private readonly TableClient _documents;
    private readonly TableClient _index;

    /// <param name="credential">Null with a connection string.</param>
    /// <param name="configure">Another transport or policy: how tests make faults.</param>
    public TableStore(AzureTablesStoreOptions options, TokenCredential? credential, Action<ClientOptions>? configure = null)
    {
        Options = options;
        var tableOptions = Patient(new TableClientOptions());
        var blobOptions = Patient(new BlobClientOptions());
        var tables = credential is null
            ? new TableServiceClient(options.ConnectionString, tableOptions)
            : new TableServiceClient(new Uri(options.TableServiceUri), credential, tableOptions);
        var blobs = credential is null
            ? new BlobServiceClient(options.ConnectionString, blobOptions)
            : new BlobServiceClient(new Uri(options.BlobServiceUri), credential, blobOptions);
        _documents = tables.GetTableClient($"{options.Prefix}Documents");
        _index = tables.GetTableClient($"{options.Prefix}Index");
        Large = blobs.GetBlobContainerClient($"{options.Prefix.ToLowerInvariant()}-documents");

        T Patient<T>(T client)
            where T : ClientOptions
        {
            client.Retry.Mode = RetryMode.Exponential;
            client.Retry.MaxRetries = options.MaxRetries;
            client.Retry.Delay = options.RetryDelay;
            client.Retry.MaxDelay = options.MaxRetryDelay;
            client.Retry.NetworkTimeout = options.CallTimeout;
            configure?.Invoke(client);
            return client;
        }
    }

    public AzureTablesStoreOptions Options { get; }

    /// <summary>The container of documents that are too large for a row.</summary>
    public BlobContainerClient Large { get; }

    /// <summary>Creates what is missing, once, at start; but nothing beside tables of a newer Ear.</summary>
    /// <exception cref="StoreException">They are of a newer Ear, or cannot be reached.</exception>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        await Layout.RefuseNewerAsync(this, cancellation);
        await CallAsync(async () =>
        {
            await _documents.CreateIfNotExistsAsync(cancellation);
            await _index.CreateIfNotExistsAsync(cancellation);
            await Large.CreateIfNotExistsAsync(cancellationToken: cancellation);
        });
    }

    /// <summary>All rows of a table from one partition (included) up to another (excluded), in the order of their keys. Never for what answers a request.</summary>
    /// <param name="after">Begins after this row.</param>
    /// <param name="rows">Only those whose row keys begin so; null: all.</param>
    public async IAsyncEnumerable<TableEntity> AllAsync(CopyTable table, string? from, string? to, RowPlace? after, string? rows, int pageSize, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var only = rows is null ? null : TableClient.CreateQueryFilter($"RowKey ge {rows} and RowKey lt {RowKeys.EndOf(rows)}");
        // Two queries, each along the keys: with an "or" the service would scan.
        if (after is not null)
        {
            var rest = TableClient.CreateQueryFilter($"PartitionKey eq {after.Partition} and RowKey gt {after.Row}");
            await foreach (var row in QueryAsync(Of(table), Joined(rest, only), null, pageSize, cancellation))
                yield return row;
        }
        var filter = after is not null ? TableClient.CreateQueryFilter($"PartitionKey gt {after.Partition}")
            : TableClient.CreateQueryFilter($"PartitionKey ge {from ?? ""}");
        if (to is not null)
            filter = Joined(filter, TableClient.CreateQueryFilter($"PartitionKey lt {to}"));
        await foreach (var row in QueryAsync(Of(table), Joined(filter, only), null, pageSize, cancellation))
            yield return row;
    }

    private TableClient Of(CopyTable table) => table is CopyTable.Documents ? _documents : _index;

    public Task<TableEntity?> FindAsync(string partition, string row, CancellationToken cancellation) => FindAsync(_documents, partition, row, cancellation);

    public Task<TableEntity?> FindIndexAsync(string shelf, string row, CancellationToken cancellation) => FindAsync(_index, shelf, row, cancellation);

    /// <summary>The rows of a partition from one key (included) up to another (excluded), in the order of their keys.</summary>
    public IAsyncEnumerable<TableEntity> RangeAsync(string partition, string from, string to, CancellationToken cancellation, string? and = null, IEnumerable<string>? select = null, int pageSize = PageSize)
        => QueryAsync(_documents, Joined(TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {from} and RowKey lt {to}"), and), select, pageSize, cancellation);

    public IAsyncEnumerable<TableEntity> PrefixAsync(string partition, string prefix, CancellationToken cancellation, string? and = null, IEnumerable<string>? select = null, int pageSize = PageSize)
        => RangeAsync(partition, prefix, RowKeys.EndOf(prefix), cancellation, and, select, pageSize);

    /// <summary>Rows of a shelf of the index, in the order of their keys.</summary>
    /// <param name="after">Excluded; null: from the first on.</param>
    /// <param name="upTo">Included; null: to the last.</param>
    public async Task<List<TableEntity>> ShelfAsync(string shelf, string? after, string? upTo, int max, CancellationToken cancellation)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {shelf}");
        if (after is not null)
            filter = Joined(filter, TableClient.CreateQueryFilter($"RowKey gt {after}"));
        if (upTo is not null)
            filter = Joined(filter, TableClient.CreateQueryFilter($"RowKey le {upTo}"));
        return await QueryAsync(_index, filter, null, Math.Min(max, PageSize), cancellation).Take(max).ToListAsync(cancellation);
    }

    /// <summary>One transaction of a partition. Once it is sent its answer is waited for: only that is the truth.</summary>
    /// <returns>
    /// False: some row is not as it was read, or the account is busy; nothing was changed, or it was changed by us (look again, and not sooner than it says). How long
    /// a busy account asks to be left alone within the answer to a transaction, the client library keeps to itself.
    /// </returns>
    public async Task<(bool Done, TimeSpan AtLeast)> TrySubmitAsync(IReadOnlyList<TableTransactionAction> actions, CopyTable table = CopyTable.Documents)
    {
        try
        {
            await Of(table).SubmitTransactionAsync(actions, CancellationToken.None);
            return (true, TimeSpan.Zero);
        }
        catch (RequestFailedException e) when (StorageFault.IsRace(e))
        {
            return (false, TimeSpan.Zero);
        }
        catch (RequestFailedException e) when (StorageFault.IsPassing(e))
        {
            return (false, Options.RetryDelay);
        }
        catch (Exception e) when (IsFault(e))
        {
            throw StorageFault.Tell(e);
        }
    }

    /// <summary>Writes, and so gives another version, whatever is there.</summary>
    public Task PutIndexAsync(TableEntity row, CancellationToken cancellation) => CallAsync(() => _index.UpsertEntityAsync(row, TableUpdateMode.Replace, cancellation));

    /// <returns>False: it is there already.</returns>
    public Task<bool> TryAddIndexAsync(TableEntity row, CancellationToken cancellation) => RacedAsync(() => _index.AddEntityAsync(row, cancellation));

    /// <returns>False: it is not as it was read.</returns>
    public Task<bool> TryReplaceIndexAsync(TableEntity row, ETag read, CancellationToken cancellation) => RacedAsync(() => _index.UpdateEntityAsync(row, read, TableUpdateMode.Replace, cancellation));

    /// <inheritdoc cref="TryReplaceIndexAsync"/>
    public Task<bool> TryDeleteIndexAsync(TableEntity row, CancellationToken cancellation) => RacedAsync(() => _index.DeleteEntityAsync(row.PartitionKey, row.RowKey, row.ETag, cancellation));

    /// <summary>Sets what the row names and leaves its other properties; gives it another version.</summary>
    public Task MergeAsync(TableEntity row, CancellationToken cancellation) => CallAsync(() => _documents.UpsertEntityAsync(row, TableUpdateMode.Merge, cancellation));

    /// <summary>Rows that are gone already are gone.</summary>
    public async Task DeleteAsync(string partition, IReadOnlyList<string> rows, CancellationToken cancellation)
    {
        foreach (var chunk in rows.Chunk(PartitionWriter.MaxActions))
        {
            var (done, _) = await TrySubmitAsync([.. chunk.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, new TableEntity(partition, row), ETag.All))]);
            // One row that somebody else took makes the transaction fail whole.
            if (!done)
                await this.EachAsync(chunk, row => RacedAsync(() => _documents.DeleteEntityAsync(partition, row, ETag.All, cancellation)), cancellation);
        }
    }

    /// <summary>Runs a call; what the account answers instead of a result is told in words.</summary>
    public static async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (IsFault(e))
        {
            throw StorageFault.Tell(e);
        }
    }

    public static Task CallAsync(Func<Task> call) => CallAsync(async () =>
    {
        await call();
        return true;
    });

    private static Task<bool> RacedAsync(Func<Task> call) => CallAsync(async () =>
    {
        try
        {
            await call();
            return true;
        }
        catch (RequestFailedException e) when (StorageFault.IsRace(e))
        {
            return false;
        }
    });

    private static Task<TableEntity?> FindAsync(TableClient table, string partition, string row, CancellationToken cancellation) => CallAsync(async () =>
    {
        var found = await table.GetEntityIfExistsAsync<TableEntity>(partition, row, cancellationToken: cancellation);
        if (found.HasValue)
            return found.Value;
        // To the client library a table that is gone has no such row either. To us it is an outage: nobody's key is invalid because our table is away.
        return new RequestFailedException(found.GetRawResponse()) is var fault && StorageFault.IsNoTable(fault) ? throw fault : null;
    });

    private static async IAsyncEnumerable<TableEntity> QueryAsync(TableClient table, string filter, IEnumerable<string>? select, int pageSize, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var rows = table.QueryAsync<TableEntity>(filter, pageSize, select, cancellation).GetAsyncEnumerator(cancellation);
        while (await CallAsync(() => rows.MoveNextAsync().AsTask()))
            yield return rows.Current;
    }

    private static string Joined(string filter, string? and) => and is null ? filter : $"{filter} and {and}";

    // A request that got no answer is a RequestFailedException of status 0, or an AggregateException of all its tries.
    private static bool IsFault(Exception e) => e is RequestFailedException or AggregateException or AuthenticationFailedException;
}
