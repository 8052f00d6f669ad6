using Ear.Alerts;
using Ear.Clusters;
using Ear.Nodes;
using Ear.Projects;

namespace Ear.Providers.Sqlite;

internal sealed class SqliteNodes(StoreFile file) : INodes, IMachineTasks
{
    private readonly DocumentTable<Node> _table = new(file, "node", n => n.ProjectId,
        identity: [new("project", n => n.ProjectId.Value), new("id", n => n.Id.Value)],
        indexed: [new("cluster", n => n.Cluster.Id.Value), new("place", n => n.Index), new("machine_task", n => (int)n.MachineTask)]);

    public Task<Stored<Node>?> FindAsync(ProjectId project, NodeId id, CancellationToken cancellation)
        => _table.FindAsync("SELECT document, version FROM node WHERE project = $0 AND id = $1", cancellation, project.Value, id.Value);

    public Task<IReadOnlyList<Stored<Node>>> ListAsync(ProjectId project, ClusterId cluster, CancellationToken cancellation)
        => _table.ListAsync("SELECT document, version FROM node WHERE project = $0 AND cluster = $1 ORDER BY place", cancellation, project.Value, cluster.Value);

    public Task<SaveResult> SaveAsync(Node node, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => _table.SaveAsync(node, expectedVersion, announce, cancellation);

    public Task<SaveResult> DeleteAsync(Node node, long expectedVersion, CancellationToken cancellation)
        => _table.DeleteAsync(node, expectedVersion, announce: [], cancellation);

    public async Task<Page<Node>> ListAsync(MachineTask task, string? continuation, int size, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        var after = continuation?.Split(':') ?? ["", ""];
        // Repeated as a constant, because the index is of those rows alone.
        var rows = await _table.ListAsync(
            "SELECT document, version FROM node WHERE machine_task > 0 AND machine_task = $0 AND (project, id) > ($1, $2) ORDER BY project, id LIMIT $3",
            cancellation, (int)task, after[0], after[1], size + 1L);
        var page = rows.Take(size).Select(r => r.Document).ToList();
        return new(page, rows.Count > size ? MachineTasks.Continuation(page[^1].ProjectId, page[^1].Id) : null);
    }
}
