using Ear.Alerts;
using Ear.Projects;

namespace Ear.Providers.Sqlite;

internal sealed class SqliteAlerts(StoreFile file) : IAlerts, IOpenAlerts
{
    private readonly DocumentTable<Alert> _table = new(file, "alert", a => a.ProjectId,
        identity: [new("project", a => a.ProjectId.Value), new("id", a => a.Id.Value)],
        indexed:
        [
            new("type", a => a.Type), new("subject", a => a.Subject), new("status", a => a.Status.ToString()),
            new("unresolved", a => a.Status is AlertStatus.Open or AlertStatus.Tracking ? 1 : 0), new("unfinished", a => a.IsUnfinished ? 1 : 0),
        ]);

    public Task<IReadOnlyList<Stored<Alert>>> ListAsync(ProjectId project, AlertStatus? status, CancellationToken cancellation)
        => status is null
            ? _table.ListAsync("SELECT document, version FROM alert WHERE project = $0 ORDER BY id", cancellation, project.Value)
            : _table.ListAsync("SELECT document, version FROM alert WHERE project = $0 AND status = $1 ORDER BY id", cancellation, project.Value, status.ToString());

    public Task<Stored<Alert>?> FindAsync(ProjectId project, AlertId id, CancellationToken cancellation)
        => _table.FindAsync("SELECT document, version FROM alert WHERE project = $0 AND id = $1", cancellation, project.Value, id.Value);

    public Task<SaveResult> SaveAsync(Alert alert, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => _table.SaveAsync(alert, expectedVersion, announce, cancellation);

    public Task ForgetAsync(ProjectId project, CancellationToken cancellation)
        => file.Writer.WriteAsync(c => c.Execute("DELETE FROM alert WHERE project = $0", project.Value), cancellation);

    public async Task<Page<Alert>> OpenAsync(string? continuation, int size, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        var after = continuation?.Split('/') ?? ["", ""];
        var rows = await _table.ListAsync(
            "SELECT document, version FROM alert WHERE unfinished = 1 AND (project, id) > ($0, $1) ORDER BY project, id LIMIT $2", cancellation, after[0], after[1], size + 1L);
        var page = rows.Take(size).Select(r => r.Document).ToList();
        return new(page, rows.Count > size ? Behind(page[^1]) : null);
    }

    public string Behind(Alert alert) => $"{alert.ProjectId}/{alert.Id}";
}
