using Ear.Alerts;
using Ear.Clusters;
using Ear.Nodes;
using Ear.Projects;

namespace Ear.Providers.AzureTables;

/// <summary>A listing reads the rows of all nodes of the project and takes those of the cluster; the service filters them.</summary>
internal sealed class TableNodes(TableParts parts) : INodes, IMachineTasks
{
    public const string Prefix = "node:";
    private const string ClusterColumn = "Cluster";

    public static readonly DocumentKind<Node> Kind = new()
    {
        Place = n => (n.ProjectId.Value, Row(n.Id)),
        Columns = n => [(ClusterColumn, n.Cluster.Id.Value)],
        Listings = n => n.MachineTask is MachineTask.None ? [] : [new(Shelves.MachineTasks(n.MachineTask), MachineTasks.Continuation(n.ProjectId, n.Id), n.ProjectId.Value, Row(n.Id))],
    };

    private readonly Documents<Node> _documents = new(parts, Kind);

    public Task<Stored<Node>?> FindAsync(ProjectId project, NodeId id, CancellationToken cancellation) => _documents.FindAsync(project.Value, Row(id), cancellation);

    public async Task<IReadOnlyList<Stored<Node>>> ListAsync(ProjectId project, ClusterId cluster, CancellationToken cancellation)
        => [.. (await _documents.ListAsync(project.Value, Prefix, cancellation, (ClusterColumn, cluster.Value))).OrderBy(n => n.Document.Index)];

    public Task<SaveResult> SaveAsync(Node node, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => _documents.SaveAsync(node, expectedVersion, node.ProjectId, announce, cancellation);

    public Task<SaveResult> DeleteAsync(Node node, long expectedVersion, CancellationToken cancellation)
        => _documents.DeleteAsync(node, expectedVersion, node.ProjectId, announce: [], cancellation);

    public async Task<Page<Node>> ListAsync(MachineTask task, string? continuation, int size, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        var rows = await parts.Store.ShelfAsync(Shelves.MachineTasks(task), continuation, null, size + 1, cancellation);
        var page = await _documents.FollowAsync(rows[..Math.Min(size, rows.Count)], cancellation);
        return new([.. page.Select(n => n.Document)], rows.Count > size ? rows[size - 1].RowKey : null);
    }

    private static string Row(NodeId id) => $"{Prefix}{id.Value}";
}
