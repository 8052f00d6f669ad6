using Ear.Alerts;
using Ear.Clusters;
using Ear.Nodes;
using Ear.Projects;

namespace Ear.Providers.Sqlite;

internal sealed class SqliteNodes(StoreFile file) : INodes
{
    private readonly DocumentTable<Node> _table = new(file, "node", n => n.ProjectId,
        identity: [new("project", n => n.ProjectId.Value), new("id", n => n.Id.Value)],
        indexed: [new("cluster", n => n.Cluster.Id.Value), new("place", n => n.Index)]);

    public Task<Stored<Node>?> FindAsync(ProjectId project, NodeId id, CancellationToken cancellation)
        => _table.FindAsync("SELECT document, version FROM node WHERE project = $0 AND id = $1", cancellation, project.Value, id.Value);

    public Task<IReadOnlyList<Stored<Node>>> ListAsync(ProjectId project, ClusterId cluster, CancellationToken cancellation)
        => _table.ListAsync("SELECT document, version FROM node WHERE project = $0 AND cluster = $1 ORDER BY place", cancellation, project.Value, cluster.Value);

    public Task<SaveResult> SaveAsync(Node node, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => _table.SaveAsync(node, expectedVersion, announce, cancellation);

    public Task<SaveResult> DeleteAsync(Node node, long expectedVersion, CancellationToken cancellation)
        => _table.DeleteAsync(node, expectedVersion, announce: [], cancellation);
}
