using System.Collections.Immutable;
using System.Security.Cryptography;
using Azure.Data.Tables;
using Ear.Copies;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AzureTables.Copies;

/// <summary>
/// Copies the tables row by row while Ear works on. There is no one moment that all of it could be of; what follows from that, and why a restore can mend it, says ADR-0015.
/// Data keys come last: they are added and never changed, so a box that was copied before names one that is copied.
/// </summary>
internal sealed class StateCopies(TableStore store, Contents contents, IIds ids, TimeProvider time, IOptions<CopyOptions> options, Func<CopyTarget> target, ILogger<StateCopies> logger) : IStateCopies
{
    /// <summary>The last lane, whose rows are newer than what other lanes copied of the same.</summary>
    public const string KeyLane = "keys";

    private const string NewestRow = "newest";
    private const string SinceRow = "since";
    private const string BeganProperty = "Began";
    private const string NameProperty = "Name";

    /// <summary>A step ends well within the time that a function may take, even where pages come slowly.</summary>
    private static readonly TimeSpan LongestStep = TimeSpan.FromMinutes(2);

    /// <summary>How often a row may be replaced while its blob is read.</summary>
    private const int MaxReads = 10;

    private readonly Lazy<CopyTarget> _target = new(target);

    public bool IsOn => options.Value.IsOn;

    public async Task<CopyPlan> PlanAsync(CancellationToken cancellation)
    {
        await _target.Value.PrepareAsync(cancellation);
        // Where credentials begin, and every so many projects: whoever has many of either copies them side by side.
        var starts = new SortedSet<string>(StringComparer.Ordinal) { "", TableCredentials.AccountPartitions, TableCredentials.KeyPartitions };
        var projects = 0;
        await foreach (var row in store.AllAsync(CopyTable.Index, Shelves.Projects, RowKeys.EndOf(Shelves.Projects), null, null, options.Value.PageSize, cancellation))
        {
            if (projects > 0 && projects % options.Value.ProjectsPerLane == 0)
                starts.Add(row.RowKey);
            projects++;
        }
        string?[] bounds = [.. starts, null];
        var documents = starts.Select((start, i) => new CopyLane($"documents-{i:D4}", CopyTable.Documents, start, bounds[i + 1]));
        return new(
            [.. documents, new CopyLane("index", CopyTable.Index, null, null)],
            new CopyLane(KeyLane, CopyTable.Index, TableSecretBoxes.Shelf, RowKeys.EndOf(TableSecretBoxes.Shelf)) { Rows = TableSecretBoxes.DataKeys });
    }

    public async Task<CopiedPart> CopyAsync(CopyStep step, CancellationToken cancellation)
    {
        var (lane, began) = (step.Lane, time.GetTimestamp());
        using var part = new PartFile();
        var damaged = 0;
        RowPlace? next = null;
        await foreach (var found in store.AllAsync(lane.Table, lane.From, lane.To, step.After, lane.Rows, options.Value.PageSize, cancellation))
        {
            if (await WithContentAsync(found, cancellation) is not { } row)
                continue;
            part.Add(row.Row, row.Blob);
            if (row.IsDamaged)
            {
                damaged++;
                logger.DamagedRowCopied(found.PartitionKey, found.RowKey);
            }
            if (part.Bytes < options.Value.PartBytes && time.GetElapsedTime(began) < LongestStep)
                continue;
            next = new(found.PartitionKey, found.RowKey);
            break;
        }
        var (content, sha256) = part.Close();
        var bytes = content.Length;
        var blob = $"{lane.Name}-{step.Number:D5}-{ids.NewHex()}.jsonl.gz";
        await _target.Value.AddAsync($"{step.Copy}/{blob}", content, cancellation);
        return new(blob, lane.Table, part.Rows, bytes, sha256, damaged, next);
    }

    public async Task FinishAsync(WholeCopy copy, CancellationToken cancellation)
    {
        var manifest = CopyManifest.Of(copy, store.Options.Prefix);
        await _target.Value.AddAsync($"{copy.Copy}/{CopyManifest.Prefixed}{ids.NewHex()}.json", new MemoryStream(manifest.ToBytes()), cancellation);
        await store.PutIndexAsync(new TableEntity(Shelves.Copies, NewestRow) { [NameProperty] = copy.Copy, [BeganProperty] = copy.Began }, cancellation);
        logger.StateCopied(copy.Copy, manifest.Parts.Length, manifest.Rows.Values.Sum(), manifest.Damaged);
    }

    public async Task<DateTimeOffset?> NewestAsync(CancellationToken cancellation)
    {
        if (!IsOn)
            return null;
        if (await BeganAsync(NewestRow, cancellation) is { } newest)
            return newest;
        // Of all who look first, one notes it.
        await store.TryAddIndexAsync(new TableEntity(Shelves.Copies, SinceRow) { [BeganProperty] = time.GetUtcNow() }, cancellation);
        return await BeganAsync(SinceRow, cancellation);
    }

    private async Task<DateTimeOffset?> BeganAsync(string row, CancellationToken cancellation) => (await store.FindIndexAsync(Shelves.Copies, row, cancellation))?.GetDateTimeOffset(BeganProperty);

    /// <summary>The row with what its blob holds. Null: it is gone by now. Damage is copied as it is: one bad document must not keep all others from being copied.</summary>
    private async Task<(TableEntity Row, byte[]? Blob, bool IsDamaged)?> WithContentAsync(TableEntity row, CancellationToken cancellation)
    {
        for (var reads = 0; reads < MaxReads; reads++)
        {
            if (row.GetString(Contents.BlobProperty) is not { } blob)
                return (row, null, false);
            if (await contents.DownloadAsync(blob, cancellation) is { } bytes)
                return Contents.IsOf(row, bytes) ? (row, bytes, false) : (row, null, true);
            // Replaced since it was read, or lost. Read again, only a row that still names the same blob is damaged.
            if (await store.FindAsync(row.PartitionKey, row.RowKey, cancellation) is not { } again)
                return null;
            if (again.GetString(Contents.BlobProperty) == blob)
                return (again, null, true);
            row = again;
        }
        return (row, null, true);
    }
}
