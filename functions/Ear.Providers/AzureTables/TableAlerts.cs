using Ear.Alerts;
using Ear.Projects;

namespace Ear.Providers.AzureTables;

/// <summary>An unresolved alert holds the row of its type and subject: it is the only one. Those that somebody may have to be told of stand on a shelf.</summary>
internal sealed class TableAlerts(TableParts parts) : IAlerts, IOpenAlerts
{
    public const string Prefix = "alert:";
    private const string OpenPrefix = "open:";
    private const string StatusColumn = "Status";

    public static readonly DocumentKind<Alert> Kind = new()
    {
        Place = a => (a.ProjectId.Value, Row(a.Id)),
        Columns = a => [(StatusColumn, a.Status.ToString())],
        Holds = a => IsUnresolved(a.Status) ? [$"{OpenPrefix}{RowKeys.Part(a.Type)}:{RowKeys.Part(a.Subject)}"] : [],
        Listings = a => a.IsUnfinished ? [new(Shelves.OpenAlerts, Place(a), a.ProjectId.Value, Row(a.Id))] : [],
    };

    private readonly Documents<Alert> _documents = new(parts, Kind);

    public async Task<IReadOnlyList<Stored<Alert>>> ListAsync(ProjectId project, AlertStatus? status, CancellationToken cancellation)
        => status is { } wanted && IsUnresolved(wanted)
            ? await OpenInAsync(project, wanted, cancellation)
            : await _documents.ListAsync(project.Value, Prefix, cancellation, status is { } other ? (StatusColumn, other.ToString()) : null);

    public Task<Stored<Alert>?> FindAsync(ProjectId project, AlertId id, CancellationToken cancellation) => _documents.FindAsync(project.Value, Row(id), cancellation);

    public Task<SaveResult> SaveAsync(Alert alert, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => _documents.SaveAsync(alert, expectedVersion, alert.ProjectId, announce, cancellation);

    public Task ForgetAsync(ProjectId project, CancellationToken cancellation) => _documents.ForgetAsync(project, Prefix, cancellation);

    public async Task<Page<Alert>> OpenAsync(string? continuation, int size, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        var rows = await parts.Store.ShelfAsync(Shelves.OpenAlerts, continuation, null, size + 1, cancellation);
        var page = await _documents.FollowAsync(rows[..Math.Min(size, rows.Count)], cancellation);
        return new([.. page.Select(a => a.Document)], rows.Count > size ? rows[size - 1].RowKey : null);
    }

    public string Behind(Alert alert) => Place(alert);

    private async Task<IReadOnlyList<Stored<Alert>>> OpenInAsync(ProjectId project, AlertStatus status, CancellationToken cancellation)
    {
        var held = await parts.Store.PrefixAsync(project.Value, OpenPrefix, cancellation).ToListAsync(cancellation);
        var found = await parts.Store.SelectAsync(held, row => _documents.FindAsync(project.Value, row.GetString(DocumentSave<Alert>.HolderProperty), cancellation), cancellation);
        return [.. found.OfType<Stored<Alert>>().Where(a => a.Document.Status == status).OrderBy(a => a.Document.Id.Value, StringComparer.Ordinal)];
    }

    private static bool IsUnresolved(AlertStatus status) => status is AlertStatus.Open or AlertStatus.Tracking;

    private static string Place(Alert alert) => $"{alert.ProjectId.Value}:{alert.Id.Value}";

    private static string Row(AlertId id) => $"{Prefix}{id.Value}";
}
