using Ear.Alerts;
using Ear.Projects;

namespace Ear.Providers.Sqlite;

/// <summary>Checks the rows as they are stored: each hash, each link, the columns that listings filter by, and the chain's head, which a cut tail would miss.</summary>
internal sealed class SqliteAuditTrail(StoreFile file) : IAuditTrail
{
    public async Task<ChainCheck> VerifyAsync(ProjectId project, CancellationToken cancellation)
        => await file.Readers.ReadAtOnceAsync(c => Verify(c, project, cancellation), cancellation);

    private static ChainCheck Verify(StoreConnection connection, ProjectId project, CancellationToken cancellation)
    {
        var (events, previous, fault) = (0L, EventChain.Genesis, (string?)null);
        connection.ForEach($"SELECT {SqliteEvents.Columns}, id, type, cluster, created FROM event WHERE project = $0 ORDER BY sequence", row =>
        {
            cancellation.ThrowIfCancellationRequested();
            events++;
            var hash = SqliteEvents.Hex(row, 2);
            var sequence = row.GetInt64(1);
            if (sequence != events)
                fault ??= $"Event {events} is missing.";
            else if (SqliteEvents.Hex(row, 3) != previous || EventChain.Hash(previous, row.GetFieldValue<byte[]>(0)) != hash)
                fault ??= $"Event {sequence} was changed, or does not follow the one before it.";
            // One that was written with its hash, and is no event: a fault of the chain, not ours.
            else if (SqliteEvents.TryRead(row) is not { } e)
                fault ??= $"Event {sequence} cannot be read.";
            else if (!(e.ProjectId == project && e.Id.Value == row.GetString(4) && e.Type == row.GetString(5)
                && e.ClusterName == (row.IsDBNull(6) ? null : row.GetString(6)) && e.Created.UtcTicks == row.GetInt64(7)))
                fault ??= $"Event {sequence} is filed under other facts than it tells.";
            previous = hash;
        }, project.Value);
        var head = EventLog.Head(connection, project) ?? (0, EventChain.Genesis);
        if (head != (events, previous))
            fault ??= $"The chain should end with event {head.Sequence}; it ends with {events}.";
        return new ChainCheck(events, fault);
    }
}
