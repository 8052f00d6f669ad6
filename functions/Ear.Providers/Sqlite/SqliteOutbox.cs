using Ear.Alerts;

namespace Ear.Providers.Sqlite;

/// <summary>Events by the order of their commits, which is their order within each project. Marking takes the reference away; the event stays.</summary>
internal sealed class SqliteOutbox(StoreFile file) : IOutbox
{
    public async Task<IReadOnlyList<ChainedEvent>> PendingAsync(int max, CancellationToken cancellation)
        => await file.Readers.ReadAsync(c => c.All(
            $"SELECT {SqliteEvents.Columns} FROM outbox JOIN event USING (project, sequence) ORDER BY place LIMIT $0", SqliteEvents.Read, max), cancellation);

    public Task MarkAnnouncedAsync(IReadOnlyList<ChainedEvent> events, CancellationToken cancellation)
        => events.Count == 0
            ? Task.CompletedTask
            : file.Writer.WriteAsync(c => events.Sum(e => c.Execute("DELETE FROM outbox WHERE project = $0 AND sequence = $1", e.Event.ProjectId.Value, e.Sequence)), cancellation);
}
