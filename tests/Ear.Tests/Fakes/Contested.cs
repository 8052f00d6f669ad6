using Ear.Alerts;
using Ear.PrivateEndpoints;
using Ear.Projects;

namespace Ear.Tests.Fakes;

/// <summary>Whoever saves a project finds that somebody else was there first, each time.</summary>
internal sealed class ContestedProjects(IProjects inner) : IProjects
{
    public Contest Contest { get; } = new();

    public Task<Stored<Project>?> FindAsync(ProjectId id, CancellationToken cancellation) => inner.FindAsync(id, cancellation);

    public Task<Stored<Project>?> FindAsync(OrgId organisation, string name, CancellationToken cancellation) => inner.FindAsync(organisation, name, cancellation);

    public Task<Page<Project>> PageAsync(string? continuation, int size, CancellationToken cancellation) => inner.PageAsync(continuation, size, cancellation);

    public Task<string?> NextPageAsync(string? continuation, int size, CancellationToken cancellation) => inner.NextPageAsync(continuation, size, cancellation);

    public Task<SaveResult> SaveAsync(Project project, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation) => Task.FromResult(Contest.Lost());

    public Task<SaveResult> DeleteAsync(Project project, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => inner.DeleteAsync(project, expectedVersion, announce, cancellation);
}

/// <summary>Whoever changes such an endpoint finds that somebody else was there first, each time.</summary>
internal sealed class ContestedEndpoints(IPrivateEndpoints inner, Func<PrivateEndpoint, bool> isContested) : IPrivateEndpoints
{
    public Contest Contest { get; } = new();

    public Task<Stored<PrivateEndpoint>?> FindAsync(ProjectId project, PrivateEndpointId id, CancellationToken cancellation) => inner.FindAsync(project, id, cancellation);

    public Task<IReadOnlyList<Stored<PrivateEndpoint>>> ListAsync(ProjectId project, CancellationToken cancellation) => inner.ListAsync(project, cancellation);

    public Task<SaveResult> SaveAsync(PrivateEndpoint endpoint, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => expectedVersion > 0 && isContested(endpoint) ? Task.FromResult(Contest.Lost()) : inner.SaveAsync(endpoint, expectedVersion, announce, cancellation);

    public Task<SaveResult> DeleteAsync(PrivateEndpoint endpoint, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => inner.DeleteAsync(endpoint, expectedVersion, announce, cancellation);
}

/// <summary>How often somebody was too late. Who does not give up fails here, and does not hang.</summary>
internal sealed class Contest
{
    private const int Most = 50;

    public int Losses { get; private set; }

    public SaveResult Lost() => ++Losses > Most ? throw new InvalidOperationException("It tries for ever.") : SaveResult.Conflict;
}
