using System.Collections.Concurrent;
using Azure.Core;
using Azure.Data.Tables;
using Ear.Copies;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ear.Providers.AzureTables.Copies;

/// <param name="Warnings">What could not be as it was, for people.</param>
public sealed record RestoreReport(string Copy, long Restore, long Rows, int Partitions, IReadOnlyList<string> Warnings);

/// <summary>
/// Brings a copy back into empty tables. In order: the whole copy is checked before the first row is written; the store is marked; rows are poured, data keys last; each partition
/// is settled; the mark goes. If we die in between, the same command goes on, and an Ear that is started on such a store refuses.
/// </summary>
public static class StateRestore
{
    /// <summary>Of the 100 that a transaction may have.</summary>
    private const int MaxRows = PartitionWriter.MaxActions;

    /// <summary>Of the 4 MiB that a transaction may have; base64 and names make three of it.</summary>
    private const int MaxBytes = 2 * 1024 * 1024;

    /// <param name="name">Null: the newest whole copy.</param>
    /// <param name="credential">Null with a connection string.</param>
    /// <param name="configure">Another transport or policy: how tests make faults.</param>
    /// <exception cref="StoreException">The copy is not whole, or the tables are not empty; the text says what to do.</exception>
    public static async Task<RestoreReport> RunAsync(
        CopySource source, string? name, AzureTablesStoreOptions target, TokenCredential? credential, TimeProvider time, IProgress<string> progress, CancellationToken cancellation,
        Action<ClientOptions>? configure = null)
    {
        if (target.Faults().All is { Count: > 0 } faults)
            throw new StoreException(string.Join(' ', faults));
        var reader = new CopyReader(source);
        var manifest = await reader.OpenAsync(name, cancellation);
        var now = time.GetUtcNow();
        if (now < manifest.Ended)
            throw new StoreException($"This machine's clock says {now:u}, and the copy was made at {manifest.Ended:u}. Set the clock: numbers that agents must take for new are made from it.");
        progress.Report($"Copy {manifest.Copy}: {manifest.Parts.Length} parts, {manifest.Rows.Values.Sum()} rows. Checking all of it.");
        await reader.VerifyAsync(manifest, null, cancellation);

        var store = new TableStore(target, credential, configure);
        await store.PrepareAsync(cancellation);
        var marks = await RestoreMarks.BeginAsync(store, manifest.Copy, now.ToUnixTimeMilliseconds(), cancellation);
        await Layout.PutAsync(store, manifest.Schema, cancellation);
        progress.Report(marks.IsResumed ? "Going on with the restore that was begun." : "The copy is whole. Writing.");
        var ids = new SystemIds(time);
        using var writer = new PartitionWriter(store, ids, time);
        var parts = new TableParts(store, new Index(store, ids), new Contents(store, ids), writer, ids, NullLogger<TableStore>.Instance);
        var partitions = await PourAsync(reader, manifest, parts, marks, progress, cancellation);
        var warnings = await SettleAsync(manifest, parts, marks, partitions, progress, cancellation);
        await marks.EndAsync(cancellation);
        return new(manifest.Copy, marks.Number, manifest.Rows.Values.Sum(), partitions.Count, warnings);
    }

    /// <returns>The partitions of documents.</returns>
    private static async Task<IReadOnlyCollection<string>> PourAsync(CopyReader reader, CopyManifest manifest, TableParts parts, RestoreMarks marks, IProgress<string> progress, CancellationToken cancellation)
    {
        var partitions = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        var done = 0;
        await parts.Store.EachAsync(manifest.Parts[..^KeyParts(manifest)], PourPartAsync, cancellation);
        // What they hold is newer than what the parts before say of the same rows.
        foreach (var keys in manifest.Parts[^KeyParts(manifest)..])
            await PourPartAsync(keys);
        return partitions.Keys.Order(StringComparer.Ordinal).ToList();

        async Task PourPartAsync(ManifestPart part)
        {
            var table = Enum.Parse<CopyTable>(part.Table);
            var isPoured = marks.IsPoured(part.Blob);
            var batch = new Batch(parts.Writer, table);
            await foreach (var line in reader.RowsAsync(manifest, part, cancellation))
            {
                if (table is CopyTable.Documents)
                    partitions.TryAdd(line.Row.PartitionKey, true);
                // The manifest's number is there already: the row's own may be from before the last raise.
                if (isPoured || Layout.IsNumber(line.Row))
                    continue;
                // Before the row that names it.
                if (line.Blob is { } blob)
                    await parts.Contents.PutBackAsync(line.Row.GetString(Contents.BlobProperty), blob, cancellation);
                if (table is CopyTable.Documents && line.Row.GetInt64(DocumentSave<object>.VersionProperty) is { } version)
                    line.Row[DocumentSave<object>.VersionProperty] = AfterRestore.Raised(version, marks.Number);
                await batch.AddAsync(line.Row, cancellation);
            }
            await batch.EndAsync(cancellation);
            if (!isPoured)
                await marks.PouredAsync(part.Blob, cancellation);
            progress.Report($"{Interlocked.Increment(ref done)} of {manifest.Parts.Length} parts");
        }
    }

    private static async Task<IReadOnlyList<string>> SettleAsync(CopyManifest manifest, TableParts parts, RestoreMarks marks, IReadOnlyCollection<string> partitions, IProgress<string> progress, CancellationToken cancellation)
    {
        const int Told = 1000;
        var settling = new Settling(parts, marks.Number, manifest.Began);
        var done = 0;
        progress.Report($"Settling {partitions.Count} projects and credentials.");
        await parts.Store.EachAsync([.. partitions], async partition =>
        {
            await settling.RunAsync(partition, cancellation);
            if (Interlocked.Increment(ref done) is var so && so % Told == 0)
                progress.Report($"{so} of {partitions.Count}");
        }, cancellation);
        return settling.Warnings;
    }

    private static int KeyParts(CopyManifest manifest) => manifest.Parts.Reverse().TakeWhile(p => p.Blob.StartsWith(StateCopies.KeyLane, StringComparison.Ordinal)).Count();

    /// <summary>Rows of one partition after another, as many at once as a transaction takes.</summary>
    private sealed class Batch(PartitionWriter writer, CopyTable table)
    {
        private readonly List<TableEntity> _rows = [];
        private long _bytes;

        public async Task AddAsync(TableEntity row, CancellationToken cancellation)
        {
            var bytes = row.Sum(p => p.Value switch { byte[] b => b.Length, string s => 2 * s.Length, _ => 8 } + 2 * p.Key.Length);
            if (_rows.Count == MaxRows || _bytes + bytes > MaxBytes || (_rows.Count > 0 && _rows[0].PartitionKey != row.PartitionKey))
                await EndAsync(cancellation);
            _rows.Add(row);
            _bytes += bytes;
        }

        public async Task EndAsync(CancellationToken cancellation)
        {
            if (_rows.Count > 0)
                await writer.PourAsync(table, _rows, cancellation);
            _rows.Clear();
            _bytes = 0;
        }
    }
}
