using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Ear.Alerts;
using Ear.Projects;

namespace Ear.Providers.AzureTables;

/// <summary>
/// One save or deletion: one transaction with the document, what it holds, its events and their places in the outbox. In order: the blob, if it needs one; the
/// rows of the index that it newly needs; the transaction; then what it leaves behind. If we die in between, there is a blob or a row that nobody believes.
/// </summary>
internal sealed class DocumentSave<T>(
    TableParts parts, Documents<T> documents, DocumentKind<T> kind, T document, bool isDeletion, long expectedVersion, ProjectId project, IReadOnlyList<ProjectEvent> announce)
    where T : class
{
    public const string VersionProperty = "Version";

    /// <summary>Of a row that a document holds: the document.</summary>
    public const string HolderProperty = "Holder";

    private const string IdentityProperty = "Identity";
    private const string WriteProperty = "Write";

    private readonly TableStore _store = parts.Store;
    private readonly PreparedEvent[] _events = EventRows.Prepare(project, announce);
    private readonly (string Partition, string Row) _place = kind.Place(document);
    private readonly string _write = parts.Ids.NewHex();
    private readonly SaveResult _success = SaveResult.As(isDeletion ? expectedVersion : expectedVersion + 1);
    private Contents.Part? _content;
    private Found<T>? _before;

    /// <summary>Events of another partition than the document's wait there until they are handed over (<see cref="HandOff"/>).</summary>
    private bool HandsOver => project.Value != _place.Partition;

    public async Task<SaveResult> RunAsync(CancellationToken cancellation)
    {
        var saved = await parts.Writer.RunAsync(_place.Partition, _events.Length > 0 || (!isDeletion && kind.ListingsOf(document).Count > 0), tries => LookAsync(tries, cancellation), cancellation);
        await TidyAsync(saved.Saved);
        return saved;
    }

    private async Task<Plan> LookAsync(int tries, CancellationToken cancellation)
    {
        var now = await documents.ReadAsync(_place.Partition, _place.Row, cancellation);
        var fresh = _events;
        if (tries > 0)
        {
            if (await IsOursAsync(now, cancellation))
                return new(_success);
            var areOurs = false;
            if (HandsOver)
                areOurs = await HandOff.HasAsync(_store, _place.Partition, project, _events, _write, cancellation);
            else
                (fresh, areOurs) = await EventRows.UntoldAsync(_store, _place.Partition, _events, _write, cancellation);
            // Ours, and somebody has saved over it since.
            if (areOurs)
                return new(_success);
        }
        if ((now?.Version ?? 0) != expectedVersion || (now is not null && now.Row.GetString(IdentityProperty) != kind.Identity(document)))
            return new(SaveResult.Conflict);
        _before = now;
        return await PlanAsync(now, fresh, tries, cancellation);
    }

    private async Task<Plan> PlanAsync(Found<T>? now, PreparedEvent[] fresh, int tries, CancellationToken cancellation)
    {
        var (held, holds) = (now is null ? [] : kind.Holds(now.Document), isDeletion ? [] : kind.Holds(document));
        var newHolds = holds.Except(held).ToList();
        // The first try leaves the question to the transaction: mostly they are free.
        if (tries > 0 && (await _store.SelectAsync(newHolds, row => _store.FindAsync(_place.Partition, row, cancellation), cancellation)).Any(row => row is not null))
            return new(SaveResult.Conflict);
        var newListings = isDeletion ? [] : kind.ListingsOf(document).Except(now is null ? [] : kind.ListingsOf(now.Document)).ToList();
        Head? head = null;
        if (fresh.Length > 0 || newListings.Count > 0)
        {
            // The head first: what is listed after it was read is still listed when a transaction on that head succeeds (ADR 0007).
            head = await Head.ReadAsync(_store, _place.Partition, cancellation);
            if (!await ListAsync(newListings, cancellation))
                return new(SaveResult.Conflict);
            if (fresh.Length > 0 && !head.IsListed)
                await parts.Index.PutAsync(OutboxListing.Of(_place.Partition), cancellation);
        }
        var actions = new List<TableTransactionAction> { await DocumentActionAsync(now, cancellation) };
        if (isDeletion)
            actions.Add(new(TableTransactionActionType.UpsertReplace, new TableEntity(_place.Partition, RowKeys.Gone(_place.Row)) { [WriteProperty] = _write }));
        actions.AddRange(held.Except(holds).Select(row => new TableTransactionAction(TableTransactionActionType.Delete, new TableEntity(_place.Partition, row), ETag.All)));
        actions.AddRange(newHolds.Select(row => new TableTransactionAction(TableTransactionActionType.Add, new TableEntity(_place.Partition, row) { [HolderProperty] = _place.Row })));
        if (head is not null)
            actions.Add((HandsOver ? HandOff.Append(head, fresh, _write, actions) : EventRows.Append(head, fresh, _write, actions)).Action());
        return new(_success, actions);
    }

    private async Task<TableTransactionAction> DocumentActionAsync(Found<T>? now, CancellationToken cancellation)
    {
        var row = new TableEntity(_place.Partition, _place.Row);
        if (isDeletion)
            return new(TableTransactionActionType.Delete, row, now!.Row.ETag);
        _content ??= await parts.Contents.PrepareAsync(_place.Partition, _place.Row, JsonSerializer.SerializeToUtf8Bytes(document, EarJson.Options), cancellation);
        _content.PutInto(row);
        (row[VersionProperty], row[IdentityProperty], row[WriteProperty]) = (expectedVersion + 1, kind.Identity(document), _write);
        foreach (var (name, value) in kind.Columns(document))
            row[name] = value;
        return now is null ? new(TableTransactionActionType.Add, row) : new(TableTransactionActionType.UpdateReplace, row, now.Row.ETag);
    }

    private async Task<bool> ListAsync(List<Listing> listings, CancellationToken cancellation)
    {
        foreach (var listing in listings.Where(l => l.IsExclusive))
        {
            if (!await parts.Index.TryClaimAsync(listing, l => documents.IsTrueAsync(l, cancellation), cancellation))
                return false;
        }
        await _store.EachAsync([.. listings.Where(l => !l.IsExclusive)], l => parts.Index.PutAsync(l, cancellation), cancellation);
        return true;
    }

    private async Task<bool> IsOursAsync(Found<T>? now, CancellationToken cancellation)
        => (isDeletion ? await _store.FindAsync(_place.Partition, RowKeys.Gone(_place.Row), cancellation) : now?.Row)?.GetString(WriteProperty) == _write;

    /// <summary>Nothing here is needed: what stays behind, because we die before or fail here, nobody believes; the sweep takes blobs, and names can be claimed.</summary>
    private async Task TidyAsync(bool saved)
    {
        var blob = saved ? _before?.Row.GetString(Contents.BlobProperty) : _content?.Blob;
        var names = _before is null ? [] : kind.ListingsOf(_before.Document).Where(l => l.IsExclusive && saved && (isDeletion || !kind.Has(document, l)));
        try
        {
            if (blob is not null)
                await parts.Contents.ForgetAsync(blob, CancellationToken.None);
            foreach (var name in names)
            {
                if (await _store.FindIndexAsync(name.Shelf, name.Row, CancellationToken.None) is { } row)
                    await parts.Index.RemoveIfUntrueAsync(row, l => documents.IsTrueAsync(l, CancellationToken.None), CancellationToken.None);
            }
        }
        catch (StoreException e)
        {
            parts.Logger.LeftBehind(e, $"{_place.Partition}/{_place.Row}");
        }
    }
}
