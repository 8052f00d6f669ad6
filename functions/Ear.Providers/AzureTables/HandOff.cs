using Azure.Data.Tables;
using Ear.Alerts;
using Ear.Projects;

namespace Ear.Providers.AzureTables;

/// <summary>A partition's row on the shelf of the outbox.</summary>
internal static class OutboxListing
{
    public static Listing Of(string partition) => new(Shelves.Outbox, partition, partition, RowKeys.Outbox);
}

/// <summary>
/// Events of documents that are in no project's partition: a credential has roles in many. They are saved with their document, in its partition's outbox, and from
/// there handed over to their project: appended to its chain, where told twice is told once, then removed. If we die in between, the next drain of the outbox goes on.
/// </summary>
internal sealed class HandOff(TableParts parts)
{
    private readonly TableStore _store = parts.Store;

    /// <param name="write">Goes with them into the project's chain, so that the save can find them wherever they are by then.</param>
    /// <returns>The head after them.</returns>
    public static Head Append(Head head, IReadOnlyList<PreparedEvent> events, string write, List<TableTransactionAction> actions)
    {
        foreach (var (_, bytes) in events)
        {
            head = head with { Sequence = head.Sequence + 1, IsListed = true };
            var row = new TableEntity(head.Partition, RowKeys.Pending(head.Sequence)) { [EventRows.WriteProperty] = write };
            foreach (var (name, slice) in Contents.Slices(bytes))
                row[name] = slice;
            actions.Add(new(TableTransactionActionType.Add, row));
        }
        return head;
    }

    /// <summary>Whether events of this write wait in a partition, or have been handed over to their project already: that is done before they are taken away here.</summary>
    public static async Task<bool> HasAsync(TableStore store, string partition, ProjectId project, PreparedEvent[] events, string write, CancellationToken cancellation)
        => events.Length > 0
            && (await store.PrefixAsync(partition, RowKeys.Outbox, cancellation, TableClient.CreateQueryFilter($"Write eq {write}"), ["RowKey"]).AnyAsync(cancellation)
                || (await EventRows.UntoldAsync(store, project.Value, events, write, cancellation)).AreOurs);

    /// <summary>Hands over, in their order, whatever waits in a partition that is no project's.</summary>
    /// <exception cref="StoreException">One could not be handed over, and so none after it.</exception>
    public async Task RunAsync(string partition, CancellationToken cancellation)
    {
        await foreach (var row in _store.PrefixAsync(partition, RowKeys.Outbox, cancellation))
        {
            var told = EventRows.TryRead(Contents.InRowOf(row))
                ?? throw new StoreException($"The event '{row.RowKey}' that waits in '{partition}' cannot be read. Restore the row, or delete it to leave it out.");
            await AppendAsync(told, row.GetString(EventRows.WriteProperty) ?? parts.Ids.NewHex(), cancellation);
            await _store.DeleteAsync(partition, [row.RowKey], cancellation);
        }
    }

    private Task<SaveResult> AppendAsync(ProjectEvent told, string write, CancellationToken cancellation)
    {
        var (partition, events) = (told.ProjectId.Value, EventRows.Prepare(told.ProjectId, [told]));
        return parts.Writer.RunAsync(partition, movesHead: true, async tries =>
        {
            var fresh = tries == 0 ? events : (await EventRows.UntoldAsync(_store, partition, events, write, cancellation)).Fresh;
            if (fresh.Length == 0)
                return new Plan(SaveResult.As(0));
            var head = await Head.ReadAsync(_store, partition, cancellation);
            if (!head.IsListed)
                await parts.Index.PutAsync(OutboxListing.Of(partition), cancellation);
            var actions = new List<TableTransactionAction>();
            actions.Add(EventRows.Append(head, fresh, write, actions).Action());
            return new(SaveResult.As(0), actions);
        }, cancellation);
    }
}
