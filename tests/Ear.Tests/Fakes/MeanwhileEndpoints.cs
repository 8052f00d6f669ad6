using Ear.Alerts;
using Ear.PrivateEndpoints;
using Ear.Projects;

namespace Ear.Tests.Fakes;

/// <summary>Something happens, once, at the worst moment.</summary>
internal sealed class MeanwhileEndpoints(IPrivateEndpoints inner) : IPrivateEndpoints
{
    public Func<Task>? BeforeSave { get; set; }

    public Task<Stored<PrivateEndpoint>?> FindAsync(ProjectId project, PrivateEndpointId id, CancellationToken cancellation) => inner.FindAsync(project, id, cancellation);

    public Task<IReadOnlyList<Stored<PrivateEndpoint>>> ListAsync(ProjectId project, CancellationToken cancellation) => inner.ListAsync(project, cancellation);

    public async Task<SaveResult> SaveAsync(PrivateEndpoint endpoint, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
    {
        (var act, BeforeSave) = (BeforeSave, null);
        await (act?.Invoke() ?? Task.CompletedTask);
        return await inner.SaveAsync(endpoint, expectedVersion, announce, cancellation);
    }

    public Task<SaveResult> DeleteAsync(PrivateEndpoint endpoint, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => inner.DeleteAsync(endpoint, expectedVersion, announce, cancellation);
}
