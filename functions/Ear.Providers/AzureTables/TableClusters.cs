using Ear.Alerts;
using Ear.Clusters;
using Ear.Projects;

namespace Ear.Providers.AzureTables;

/// <summary>Keyed by name; the id is its identity, so that a saver who holds a deleted cluster never writes over its successor.</summary>
internal sealed class TableClusters(TableParts parts) : IClusters, IUnfinishedClusters
{
    public const string Prefix = "cluster:";

    public static readonly DocumentKind<Cluster> Kind = new()
    {
        Place = c => (c.ProjectId.Value, Row(c.Name)),
        Identity = c => c.Id.Value,
        Listings = c => c.IsUnfinished ? [new(Shelves.UnfinishedClusters, $"{c.ProjectId.Value}:{c.Name.Value}", c.ProjectId.Value, Row(c.Name))] : [],
    };

    private readonly Documents<Cluster> _documents = new(parts, Kind);
    private readonly ShelfTurns _turns = new(parts.Store, Shelves.UnfinishedClusters);

    public Task<Stored<Cluster>?> FindAsync(ProjectId project, ClusterName name, CancellationToken cancellation) => _documents.FindAsync(project.Value, Row(name), cancellation);

    public Task<IReadOnlyList<Stored<Cluster>>> ListAsync(ProjectId project, CancellationToken cancellation) => _documents.ListAsync(project.Value, Prefix, cancellation);

    public Task<SaveResult> SaveAsync(Cluster cluster, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => _documents.SaveAsync(cluster, expectedVersion, cluster.ProjectId, announce, cancellation);

    public Task<SaveResult> DeleteAsync(Cluster cluster, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => _documents.DeleteAsync(cluster, expectedVersion, cluster.ProjectId, announce, cancellation);

    public async Task<IReadOnlyList<ClusterRef>> ListAsync(int max, CancellationToken cancellation)
        => [.. (await _turns.NextAsync(max, rows => _documents.FollowAsync(rows, cancellation), cancellation)).Select(c => c.Document.Ref)];

    // A cluster's name needs no escape, so rows are in the order of names.
    private static string Row(ClusterName name) => $"{Prefix}{name.Value}";
}
