using Ear.Alerts;
using Ear.PrivateEndpoints;
using Ear.Projects;

namespace Ear.Providers.Sqlite;

internal sealed class SqlitePrivateEndpoints(StoreFile file) : IPrivateEndpoints, IUnfinishedPrivateEndpoints
{
    private readonly DocumentTable<PrivateEndpoint> _table = new(file, "private_endpoint", e => e.ProjectId,
        identity: [new("project", e => e.ProjectId.Value), new("id", e => e.Id.Value)],
        indexed:
        [
            new("provider", e => e.Provider.ToString()), new("region", e => e.RegionName),
            new("holds_region", e => e.HoldsRegion ? 1 : 0), new("unfinished", e => e.IsUnfinished ? 1 : 0),
        ]);

    private readonly Turns<PrivateEndpointRef> _turns = new(file, Unfinished);

    public Task<Stored<PrivateEndpoint>?> FindAsync(ProjectId project, PrivateEndpointId id, CancellationToken cancellation)
        => _table.FindAsync("SELECT document, version FROM private_endpoint WHERE project = $0 AND id = $1", cancellation, project.Value, id.Value);

    public Task<IReadOnlyList<Stored<PrivateEndpoint>>> ListAsync(ProjectId project, CancellationToken cancellation)
        => _table.ListAsync("SELECT document, version FROM private_endpoint WHERE project = $0 ORDER BY id", cancellation, project.Value);

    public Task<SaveResult> SaveAsync(PrivateEndpoint endpoint, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => _table.SaveAsync(endpoint, expectedVersion, announce, cancellation);

    public Task<SaveResult> DeleteAsync(PrivateEndpoint endpoint, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => _table.DeleteAsync(endpoint, expectedVersion, announce, cancellation);

    public Task<IReadOnlyList<PrivateEndpointRef>> ListAsync(int max, CancellationToken cancellation) => _turns.NextAsync(max, cancellation);

    private static List<PrivateEndpointRef> Unfinished(StoreConnection connection, string side, PrivateEndpointRef? last, int max)
        => connection.All(
            $"SELECT project, id FROM private_endpoint WHERE unfinished = 1 AND (project, id) {side} ($0, $1) ORDER BY project, id LIMIT $2",
            r => new PrivateEndpointRef(ProjectId.FromValid(r.GetString(0)), PrivateEndpointId.FromValid(r.GetString(1))),
            last?.ProjectId.Value ?? "", last?.Id.Value ?? "", max);
}
