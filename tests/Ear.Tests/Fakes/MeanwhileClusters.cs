using Ear.Alerts;
using Ear.Clusters;
using Ear.Projects;

namespace Ear.Tests.Fakes;

/// <summary>Something happens, once, at the worst moment.</summary>
internal sealed class MeanwhileClusters(IClusters inner) : IClusters
{
    public Func<Task>? BeforeSave { get; set; }

    public Func<Task>? AfterList { get; set; }

    public Task<Stored<Cluster>?> FindAsync(ProjectId project, ClusterName name, CancellationToken cancellation) => inner.FindAsync(project, name, cancellation);

    public async Task<IReadOnlyList<Stored<Cluster>>> ListAsync(ProjectId project, CancellationToken cancellation)
    {
        var found = await inner.ListAsync(project, cancellation);
        (var act, AfterList) = (AfterList, null);
        await (act?.Invoke() ?? Task.CompletedTask);
        return found;
    }

    public async Task<SaveResult> SaveAsync(Cluster cluster, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
    {
        (var act, BeforeSave) = (BeforeSave, null);
        await (act?.Invoke() ?? Task.CompletedTask);
        return await inner.SaveAsync(cluster, expectedVersion, announce, cancellation);
    }

    public Task<SaveResult> DeleteAsync(Cluster cluster, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => inner.DeleteAsync(cluster, expectedVersion, announce, cancellation);
}
