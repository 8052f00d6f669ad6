using Azure.Data.Tables;
using Ear.Alerts;
using Ear.Projects;

namespace Ear.Providers.AzureTables;

/// <summary>Checks the rows as they are stored: each hash, each link, the properties that listings filter by, and the chain's head, which a cut tail would miss.</summary>
internal sealed class TableAuditTrail(TableParts parts) : IAuditTrail
{
    private readonly TableStore _store = parts.Store;

    public async Task<ChainCheck> VerifyAsync(ProjectId project, CancellationToken cancellation)
    {
        var walk = new Walk(project);
        // There is no one moment that a long walk could see: whatever was appended during it is walked too, until the head is where the walk ends.
        while (true)
        {
            var before = walk.Events;
            await foreach (var row in _store.RangeAsync(project.Value, RowKeys.Event(before + 1), RowKeys.EndOf(RowKeys.Events), cancellation))
                walk.Take(row);
            var head = await Head.ReadAsync(_store, project.Value, cancellation);
            if (head.Sequence <= walk.Events || walk.Events == before || walk.Fault is not null)
                return new(walk.Events, walk.Fault ?? (head.Sequence == walk.Events && head.Hash == walk.Hash ? null : $"The chain should end with event {head.Sequence}; it ends with {walk.Events}."));
        }
    }

    private sealed class Walk(ProjectId project)
    {
        public long Events { get; private set; }

        public string Hash { get; private set; } = EventChain.Genesis;

        public string? Fault { get; private set; }

        public void Take(TableEntity row)
        {
            Events++;
            // What follows a fault proves nothing.
            if (Fault is not null)
                return;
            // A row that is no event any more is what an audit looks for, not a reason to fail.
            if (EventRows.TryRead(row) is not { } told)
            {
                Fault = $"Event {Events} cannot be read.";
                return;
            }
            if (told.Sequence != Events)
                Fault = $"Event {Events} is missing.";
            else if (told.PreviousHash != Hash || EventChain.Hash(Hash, Contents.InRowOf(row)) != told.Hash)
                Fault = $"Event {told.Sequence} was changed, or does not follow the one before it.";
            else if (told.Event.ProjectId != project || !EventRows.IsFiledRight(row, told.Event))
                Fault = $"Event {told.Sequence} is filed under other facts than it tells.";
            Hash = told.Hash;
        }
    }
}
