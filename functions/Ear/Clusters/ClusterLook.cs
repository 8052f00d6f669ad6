using Ear.Nodes;
using Ear.Projects;

namespace Ear.Clusters;

/// <summary>A cluster with everything that its view was made from, under the versions that a save has to name.</summary>
public sealed record ClusterSituation(Stored<Cluster> Cluster, Project? Project, IReadOnlyList<Stored<Node>> Nodes, DateTimeOffset Now)
{
    public ClusterView View { get; } = ClusterSight.ViewOf(Cluster.Document, Project, Nodes.Select(n => n.Document), Now);

    public Stored<Node> Node(NodeId id) => Nodes.First(n => n.Document.Id == id);

    public IEnumerable<Stored<Node>> Present => Nodes.Where(n => !n.Document.Removed);
}

public sealed class ClusterLook(IClusters clusters, INodes nodes, IProjects projects, TimeProvider time)
{
    /// <summary>Null when the cluster is gone, or another one has its name by now.</summary>
    public async Task<ClusterSituation?> LookAsync(ClusterRef cluster, CancellationToken cancellation)
    {
        if (await clusters.FindAsync(cluster.ProjectId, cluster.Name, cancellation) is not { } stored || stored.Document.Id != cluster.Id)
            return null;
        var members = await nodes.ListAsync(cluster.ProjectId, cluster.Id, cancellation);
        var project = await projects.FindAsync(cluster.ProjectId, cancellation);
        return new(stored, project?.Document, members, time.GetUtcNow());
    }
}
