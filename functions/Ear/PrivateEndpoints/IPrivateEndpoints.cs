using Ear.Alerts;
using Ear.Projects;

namespace Ear.PrivateEndpoints;

/// <summary>
/// The private endpoints of a project. A save is one atomic write of the document and of the events to announce (I8). At most one
/// endpoint holds its region (<see cref="PrivateEndpoint.HoldsRegion"/>) per provider: saving a second one conflicts.
/// </summary>
public interface IPrivateEndpoints
{
    Task<Stored<PrivateEndpoint>?> FindAsync(ProjectId project, PrivateEndpointId id, CancellationToken cancellation);

    /// <summary>By id, ascending.</summary>
    Task<IReadOnlyList<Stored<PrivateEndpoint>>> ListAsync(ProjectId project, CancellationToken cancellation);

    /// <param name="expectedVersion">The version that was loaded; 0 to create.</param>
    Task<SaveResult> SaveAsync(PrivateEndpoint endpoint, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation);

    Task<SaveResult> DeleteAsync(PrivateEndpoint endpoint, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation);
}

/// <summary>Endpoints to which something may still happen: what the minute's safety sweep wakes, so that a lost wake-up delays one and never strands it.</summary>
public interface IUnfinishedPrivateEndpoints
{
    /// <summary>Whoever was left out comes first the next time.</summary>
    Task<IReadOnlyList<PrivateEndpointRef>> ListAsync(int max, CancellationToken cancellation);
}

/// <summary>Makes the provisioning of an endpoint look again; starts it when it does not run. Told twice is told once.</summary>
public interface IPrivateEndpointWaker
{
    Task WakeAsync(PrivateEndpointRef endpoint, CancellationToken cancellation);
}
