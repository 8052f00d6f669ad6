using Ear.Alerts;
using Ear.Projects;

namespace Ear.Providers.AzureTables;

/// <summary>The row "project" of each project's partition; found among all by id, and in its organisation by its name.</summary>
internal sealed class TableProjects(TableParts parts) : IProjects
{
    public static readonly DocumentKind<Project> Kind = new()
    {
        Place = p => (p.Id.Value, RowKeys.Project),
        Listings = p =>
        [
            new(Shelves.Projects, p.Id.Value, p.Id.Value, RowKeys.Project),
            new(Shelves.NamesIn(p.OrgId.Value), RowKeys.Part(p.Name), p.Id.Value, RowKeys.Project),
        ],
    };

    private readonly Documents<Project> _documents = new(parts, Kind);

    public Task<Stored<Project>?> FindAsync(ProjectId id, CancellationToken cancellation) => _documents.FindAsync(id.Value, RowKeys.Project, cancellation);

    public Task<Stored<Project>?> FindAsync(OrgId organisation, string name, CancellationToken cancellation)
        => _documents.FollowAsync(Shelves.NamesIn(organisation.Value), RowKeys.Part(name), cancellation);

    public async Task<Page<Project>> PageAsync(string? continuation, int size, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        // One more than asked for tells whether there is another page. Pages are of rows of the index: one whose project is gone makes its page shorter.
        var rows = await parts.Store.ShelfAsync(Shelves.Projects, continuation, null, size + 1, cancellation);
        var page = await _documents.FollowAsync(rows[..Math.Min(size, rows.Count)], cancellation);
        return new([.. page.Select(p => p.Document)], rows.Count > size ? rows[size - 1].RowKey : null);
    }

    public async Task<string?> NextPageAsync(string? continuation, int size, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        var rows = await parts.Store.ShelfAsync(Shelves.Projects, continuation, null, size + 1, cancellation);
        return rows.Count > size ? rows[size - 1].RowKey : null;
    }

    public Task<SaveResult> SaveAsync(Project project, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => _documents.SaveAsync(project, expectedVersion, project.Id, announce, cancellation);

    public Task<SaveResult> DeleteAsync(Project project, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => _documents.DeleteAsync(project, expectedVersion, project.Id, announce, cancellation);
}
