using System.Collections.Concurrent;
using Azure.Data.Tables;
using Ear.Alerts;
using Ear.Clusters;
using Ear.Copies;
using Ear.CustomerKeys;
using Ear.Nodes;
using Ear.PrivateEndpoints;
using Ear.Projects;

namespace Ear.Providers.AzureTables.Copies;

/// <summary>
/// Makes a poured partition one that could have been: rows of a partition were copied one after another while it changed. Documents are the truth; what follows from them
/// (held rows, the index) is made anew, and the chain ends with the last event that was copied without a gap. Done twice is done once.
/// </summary>
internal sealed class Settling(TableParts parts, long number, DateTimeOffset copied)
{
    /// <summary>A gap below events older than this, before the copy, was not made by copying.</summary>
    private static readonly TimeSpan Older = TimeSpan.FromHours(1);

    private readonly TableStore _store = parts.Store;
    private readonly ConcurrentDictionary<string, bool> _warnings = new(StringComparer.Ordinal);

    private readonly IRestoredDocuments[] _kinds =
    [
        new RestoredDocuments<Project>(parts, TableProjects.Kind, (_, row) => row == RowKeys.Project),
        new RestoredDocuments<Cluster>(parts, TableClusters.Kind, (_, row) => row.StartsWith(TableClusters.Prefix, StringComparison.Ordinal), AfterRestore.Of),
        new RestoredDocuments<Node>(parts, TableNodes.Kind, (_, row) => row.StartsWith(TableNodes.Prefix, StringComparison.Ordinal), AfterRestore.Of),
        new RestoredDocuments<Alert>(parts, TableAlerts.Kind, (_, row) => row.StartsWith(TableAlerts.Prefix, StringComparison.Ordinal)),
        new RestoredDocuments<AlertConfig>(parts, TableAlertConfigs.Kind, (_, row) => row.StartsWith(TableAlertConfigs.Prefix, StringComparison.Ordinal)),
        new RestoredDocuments<PrivateEndpoint>(parts, TablePrivateEndpoints.Kind, (_, row) => row.StartsWith(TablePrivateEndpoints.Prefix, StringComparison.Ordinal)),
        new RestoredDocuments<ApiKey>(parts, TableCredentials.KindOfKeys, (partition, row) => row == RowKeys.Credential && partition.StartsWith(TableCredentials.KeyPartitions, StringComparison.Ordinal)),
        new RestoredDocuments<ServiceAccount>(parts, TableCredentials.KindOfAccounts, (partition, row) => row == RowKeys.Credential && partition.StartsWith(TableCredentials.AccountPartitions, StringComparison.Ordinal)),
    ];

    /// <summary>For people, each once.</summary>
    public IReadOnlyList<string> Warnings => [.. _warnings.Keys.Order(StringComparer.Ordinal)];

    public async Task RunAsync(string partition, CancellationToken cancellation)
    {
        // Partitions of credentials have a ':' in their names, and no chain.
        if (partition.Contains(':'))
            await SettleHandOffAsync(partition, cancellation);
        else
            await SettleChainAsync(partition, cancellation);
        await SettleDocumentsAsync(partition, cancellation);
    }

    private async Task SettleChainAsync(string partition, CancellationToken cancellation)
    {
        var (sequence, hash, gap) = (0L, EventChain.Genesis, false);
        var beyond = new List<string>();
        await foreach (var row in _store.PrefixAsync(partition, RowKeys.Events, cancellation, select: ["RowKey", EventRows.HashProperty, EventRows.CreatedProperty]))
        {
            if (RowKeys.NumberIn(row.RowKey) == sequence + 1 && !gap)
            {
                (sequence, hash) = (sequence + 1, row.GetString(EventRows.HashProperty));
                continue;
            }
            gap = true;
            if (row.GetInt64(EventRows.CreatedProperty) < (copied - Older).UtcTicks)
            {
                _warnings[$"Project {partition}: event {sequence + 1} was missing long before the copy. Its events are left as they were; see the audit trail."] = true;
                return;
            }
            beyond.Add(row.RowKey);
        }
        var head = await Head.ReadAsync(_store, partition, cancellation);
        if (head.Sequence != sequence)
        {
            _warnings[$"Project {partition}: events {sequence + 1} to {Math.Max(head.Sequence, sequence + beyond.Count)} came while it was copied; the copy's chain ends with event {sequence}. The SIEM has the others."] = true;
            await foreach (var id in _store.PrefixAsync(partition, RowKeys.EventIds, cancellation, and: TableClient.CreateQueryFilter($"Sequence gt {sequence}"), select: ["RowKey"]))
                beyond.Add(id.RowKey);
        }
        var waits = false;
        await foreach (var row in _store.PrefixAsync(partition, RowKeys.Outbox, cancellation, select: ["RowKey"]))
        {
            if (RowKeys.NumberIn(row.RowKey) > sequence)
                beyond.Add(row.RowKey);
            else
                waits = true;
        }
        await _store.DeleteAsync(partition, beyond, cancellation);
        await WriteHeadAsync(head with { Sequence = sequence, Hash = hash, IsListed = waits }, cancellation);
    }

    // A credential's events wait with it until they are handed over, under numbers of their own.
    private async Task SettleHandOffAsync(string partition, CancellationToken cancellation)
    {
        var head = await Head.ReadAsync(_store, partition, cancellation);
        var (last, waits) = (head.Sequence, false);
        await foreach (var row in _store.PrefixAsync(partition, RowKeys.Outbox, cancellation, select: ["RowKey"]))
            (last, waits) = (Math.Max(last, RowKeys.NumberIn(row.RowKey)), true);
        await WriteHeadAsync(head with { Sequence = last, IsListed = waits }, cancellation);
    }

    private async Task WriteHeadAsync(Head head, CancellationToken cancellation)
    {
        if (head is { Version: null, Sequence: 0 })
            return;
        if (head.IsListed)
            await parts.Index.PutAsync(OutboxListing.Of(head.Partition), cancellation);
        await parts.Writer.PourAsync(CopyTable.Documents, [head.Action().Entity as TableEntity ?? throw new InvalidOperationException("A head is a row.")], cancellation);
    }

    private async Task SettleDocumentsAsync(string partition, CancellationToken cancellation)
    {
        var (held, holds) = (new Dictionary<string, string>(StringComparer.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal));
        await foreach (var row in RowsAsync(partition, cancellation))
        {
            if (row.GetString(DocumentSave<Project>.HolderProperty) is { } holder)
                held[row.RowKey] = holder;
            else if (_kinds.FirstOrDefault(k => k.Has(partition, row.RowKey)) is { } kind)
                await SettleDocumentAsync(kind, row, holds, cancellation);
            else if (row.RowKey != RowKeys.Head && !row.RowKey.StartsWith(RowKeys.Outbox, StringComparison.Ordinal))
                _warnings[$"Rows '{row.RowKey.Split(':')[0]}' are of a kind that this command does not know; they are there as they were copied."] = true;
        }
        await _store.DeleteAsync(partition, [.. held.Keys.Except(holds.Keys)], cancellation);
        foreach (var (row, holder) in holds.Where(h => held.GetValueOrDefault(h.Key) != h.Value))
            await parts.Writer.PourAsync(CopyTable.Documents, [new TableEntity(partition, row) { [DocumentSave<Project>.HolderProperty] = holder }], cancellation);
    }

    private async Task SettleDocumentAsync(IRestoredDocuments kind, TableEntity row, Dictionary<string, string> holds, CancellationToken cancellation)
    {
        RestoredDocument document;
        try
        {
            document = await kind.ReadAsync(row, number, cancellation);
        }
        catch (StoreException e) when (row.GetString(Contents.BlobProperty) is not null)
        {
            // One damaged document must not keep all others from coming back.
            _warnings[e.Message] = true;
            return;
        }
        if (document.Changed is { } changed)
            await parts.Writer.PourAsync(CopyTable.Documents, [changed], cancellation);
        foreach (var hold in document.Holds)
        {
            if (!holds.TryAdd(hold, row.RowKey))
                _warnings[$"'{row.PartitionKey}/{row.RowKey}' and '{holds[hold]}' both hold '{hold}', which changed hands while it was copied. The second is to be resolved or deleted by hand."] = true;
        }
        foreach (var listing in document.Listings)
        {
            if (!listing.IsExclusive)
                await parts.Index.PutAsync(listing, cancellation);
            else if (!await kind.TryClaimAsync(listing, cancellation))
                _warnings[$"'{row.PartitionKey}/{row.RowKey}' has a name that another has, too; it changed hands while it was copied. It is found by its id; give it another name."] = true;
        }
    }

    /// <summary>All but events and what deletions left, which may be many.</summary>
    private async IAsyncEnumerable<TableEntity> RowsAsync(string partition, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        (string From, string To)[] ranges =
        [
            ("", RowKeys.Events), (RowKeys.EndOf(RowKeys.Events), RowKeys.EventIds), (RowKeys.EndOf(RowKeys.EventIds), RowKeys.Tombstones), (RowKeys.EndOf(RowKeys.Tombstones), "~"),
        ];
        foreach (var (from, to) in ranges)
        {
            await foreach (var row in _store.RangeAsync(partition, from, to, cancellation))
                yield return row;
        }
    }
}
