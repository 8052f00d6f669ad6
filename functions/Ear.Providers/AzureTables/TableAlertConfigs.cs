using Ear.Alerts;
using Ear.Projects;

namespace Ear.Providers.AzureTables;

internal sealed class TableAlertConfigs(TableParts parts) : IAlertConfigs
{
    public const string Prefix = "alertconfig:";

    public static readonly DocumentKind<AlertConfig> Kind = new() { Place = c => (c.ProjectId.Value, Row(c.Id)) };

    private readonly Documents<AlertConfig> _documents = new(parts, Kind);

    public Task<IReadOnlyList<Stored<AlertConfig>>> ListAsync(ProjectId project, CancellationToken cancellation) => _documents.ListAsync(project.Value, Prefix, cancellation);

    public Task<Stored<AlertConfig>?> FindAsync(ProjectId project, AlertConfigId id, CancellationToken cancellation) => _documents.FindAsync(project.Value, Row(id), cancellation);

    public Task<SaveResult> SaveAsync(AlertConfig config, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => _documents.SaveAsync(config, expectedVersion, config.ProjectId, announce, cancellation);

    public Task<SaveResult> DeleteAsync(AlertConfig config, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => _documents.DeleteAsync(config, expectedVersion, config.ProjectId, announce, cancellation);

    public Task ForgetAsync(ProjectId project, CancellationToken cancellation) => _documents.ForgetAsync(project, Prefix, cancellation);

    private static string Row(AlertConfigId id) => $"{Prefix}{id.Value}";
}
