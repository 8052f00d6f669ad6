using Ear.Alerts;
using Ear.Projects;

namespace Ear.Providers.Sqlite;

internal sealed class SqliteAlertConfigs(StoreFile file) : IAlertConfigs
{
    private readonly DocumentTable<AlertConfig> _table = new(file, "alert_config", c => c.ProjectId,
        identity: [new("project", c => c.ProjectId.Value), new("id", c => c.Id.Value)], indexed: []);

    public Task<IReadOnlyList<Stored<AlertConfig>>> ListAsync(ProjectId project, CancellationToken cancellation)
        => _table.ListAsync("SELECT document, version FROM alert_config WHERE project = $0 ORDER BY id", cancellation, project.Value);

    public Task<Stored<AlertConfig>?> FindAsync(ProjectId project, AlertConfigId id, CancellationToken cancellation)
        => _table.FindAsync("SELECT document, version FROM alert_config WHERE project = $0 AND id = $1", cancellation, project.Value, id.Value);

    public Task<SaveResult> SaveAsync(AlertConfig config, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => _table.SaveAsync(config, expectedVersion, announce, cancellation);

    public Task<SaveResult> DeleteAsync(AlertConfig config, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => _table.DeleteAsync(config, expectedVersion, announce, cancellation);

    public Task ForgetAsync(ProjectId project, CancellationToken cancellation)
        => file.Writer.WriteAsync(c => c.Execute("DELETE FROM alert_config WHERE project = $0", project.Value), cancellation);
}
