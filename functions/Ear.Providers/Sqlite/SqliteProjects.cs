using Ear.Alerts;
using Ear.Projects;

namespace Ear.Providers.Sqlite;

internal sealed class SqliteProjects(StoreFile file) : IProjects
{
    private readonly DocumentTable<Project> _table = new(file, "project", p => p.Id, identity: [new("id", p => p.Id.Value)],
        indexed: [new("org", p => p.OrgId.Value), new("name", p => p.Name)]);

    private readonly DocumentCache<Stored<Project>> _cache = new(file.Options.CachedDocuments);

    public async Task<Stored<Project>?> FindAsync(ProjectId id, CancellationToken cancellation)
    {
        if (_cache.Find(id.Value) is { } cached)
            return cached;
        var mark = _cache.Mark();
        var found = await _table.FindAsync("SELECT document, version FROM project WHERE id = $0", cancellation, id.Value);
        if (found is not null)
            _cache.Keep(id.Value, found, mark);
        return found;
    }

    public Task<Stored<Project>?> FindAsync(OrgId organisation, string name, CancellationToken cancellation)
        => _table.FindAsync("SELECT document, version FROM project WHERE org = $0 AND name = $1", cancellation, organisation.Value, name);

    public async Task<Page<Project>> PageAsync(string? continuation, int size, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        // One more than asked for tells whether there is another page.
        var rows = await _table.ListAsync("SELECT document, version FROM project WHERE id > $0 ORDER BY id LIMIT $1", cancellation, continuation ?? "", size + 1L);
        var page = rows.Take(size).Select(r => r.Document).ToList();
        return new Page<Project>(page, rows.Count > size ? page[^1].Id.Value : null);
    }

    public async Task<string?> NextPageAsync(string? continuation, int size, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        // The last id of this page and whether another follows it: both from the key's index.
        var ids = await file.Readers.ReadAsync(
            c => c.All("SELECT id FROM project WHERE id > $0 ORDER BY id LIMIT 2 OFFSET $1", r => r.GetString(0), continuation ?? "", size - 1L), cancellation);
        return ids.Count > 1 ? ids[0] : null;
    }

    public Task<SaveResult> SaveAsync(Project project, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => _table.SaveAsync(project, expectedVersion, announce, cancellation, settled: () => _cache.Drop(project.Id.Value));

    public Task<SaveResult> DeleteAsync(Project project, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => _table.DeleteAsync(project, expectedVersion, announce, cancellation, settled: () => _cache.Drop(project.Id.Value));
}
