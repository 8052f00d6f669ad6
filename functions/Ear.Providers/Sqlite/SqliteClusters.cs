using Ear.Alerts;
using Ear.Clusters;
using Ear.Projects;

namespace Ear.Providers.Sqlite;

/// <summary>Keyed by name; the id is part of every condition, so that a saver who holds a deleted cluster never writes over its successor.</summary>
internal sealed class SqliteClusters(StoreFile file) : IClusters, IUnfinishedClusters
{
    private readonly DocumentTable<Cluster> _table = new(file, "cluster", c => c.ProjectId,
        identity: [new("project", c => c.ProjectId.Value), new("name", c => c.Name.Value), new("id", c => c.Id.Value)],
        indexed: [new("unfinished", c => c.IsUnfinished ? 1 : 0)]);

    private readonly Turns<ClusterRef> _turns = new(file, Unfinished);

    public Task<Stored<Cluster>?> FindAsync(ProjectId project, ClusterName name, CancellationToken cancellation)
        => _table.FindAsync("SELECT document, version FROM cluster WHERE project = $0 AND name = $1", cancellation, project.Value, name.Value);

    public Task<IReadOnlyList<Stored<Cluster>>> ListAsync(ProjectId project, CancellationToken cancellation)
        => _table.ListAsync("SELECT document, version FROM cluster WHERE project = $0 ORDER BY name", cancellation, project.Value);

    public Task<SaveResult> SaveAsync(Cluster cluster, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => _table.SaveAsync(cluster, expectedVersion, announce, cancellation);

    public Task<SaveResult> DeleteAsync(Cluster cluster, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => _table.DeleteAsync(cluster, expectedVersion, announce, cancellation);

    public Task<IReadOnlyList<ClusterRef>> ListAsync(int max, CancellationToken cancellation) => _turns.NextAsync(max, cancellation);

    private static List<ClusterRef> Unfinished(StoreConnection connection, string side, ClusterRef? last, int max)
        => connection.All(
            $"SELECT project, name, id FROM cluster WHERE unfinished = 1 AND (project, name) {side} ($0, $1) ORDER BY project, name LIMIT $2",
            r => new ClusterRef(ProjectId.FromValid(r.GetString(0)), ClusterName.Parse(r.GetString(1), null), ClusterId.FromValid(r.GetString(2))),
            last?.ProjectId.Value ?? "", last?.Name.Value ?? "", max);
}
