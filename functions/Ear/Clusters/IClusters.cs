using Ear.Alerts;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.Clusters;

/// <summary>The clusters of a project, by name. A save is one atomic write of the document and of the events to announce (I8).</summary>
public interface IClusters
{
    Task<Stored<Cluster>?> FindAsync(ProjectId project, ClusterName name, CancellationToken cancellation);

    /// <summary>By name, ascending.</summary>
    Task<IReadOnlyList<Stored<Cluster>>> ListAsync(ProjectId project, CancellationToken cancellation);

    /// <param name="expectedVersion">The version that was loaded; 0 to create.</param>
    Task<SaveResult> SaveAsync(Cluster cluster, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation);

    Task<SaveResult> DeleteAsync(Cluster cluster, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation);
}

public static class ClustersByName
{
    /// <param name="text">As it was sent; not yet known to be a name.</param>
    public static Task<Outcome<Cluster>> NamedAsync(this IClusters clusters, ProjectId project, string text, CancellationToken cancellation)
        => clusters.StoredAsync(project, text, cancellation).MapAsync(stored => stored.Document);

    /// <inheritdoc cref="NamedAsync"/>
    public static async Task<Outcome<Stored<Cluster>>> StoredAsync(this IClusters clusters, ProjectId project, string text, CancellationToken cancellation)
        => ClusterName.TryParse(text, null, out var name) && await clusters.FindAsync(project, name, cancellation) is { } stored
            ? stored
            : new Problem.ClusterNotFound(text, project.Value);
}

/// <summary>Clusters with work left: what the minute's safety sweep wakes, so that a lost wake-up delays a cluster and never strands it.</summary>
public interface IUnfinishedClusters
{
    Task<IReadOnlyList<ClusterRef>> ListAsync(int max, CancellationToken cancellation);
}

/// <summary>Makes a cluster's reconciliation look again; starts it when it does not run. Told twice is told once.</summary>
public interface IReconciler
{
    Task WakeAsync(ClusterRef cluster, CancellationToken cancellation);
}
