using Ear.Alerts;
using Ear.PrivateEndpoints;
using Ear.Projects;

namespace Ear.Tests.Fakes;

internal sealed partial class InMemoryStore : IPrivateEndpoints, IUnfinishedPrivateEndpoints
{
    private string _unfinishedEndpointsAfter = "";

    public Task<Stored<PrivateEndpoint>?> FindAsync(ProjectId project, PrivateEndpointId id, CancellationToken cancellation)
        => Task.FromResult(Find<PrivateEndpoint>(_state.PrivateEndpoints, Key(project, id.Value)));

    Task<IReadOnlyList<Stored<PrivateEndpoint>>> IPrivateEndpoints.ListAsync(ProjectId project, CancellationToken cancellation)
        => Task.FromResult<IReadOnlyList<Stored<PrivateEndpoint>>>(Scan<PrivateEndpoint>(_state.PrivateEndpoints, Key(project, "")));

    public Task<SaveResult> SaveAsync(PrivateEndpoint endpoint, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => Task.FromResult(Save(s => s.PrivateEndpoints, (s, rows) => s with { PrivateEndpoints = rows }, endpoint.ProjectId, Key(endpoint.ProjectId, endpoint.Id.Value), endpoint, expectedVersion, announce,
            refuse: s => endpoint.HoldsRegion && Scan<PrivateEndpoint>(s.PrivateEndpoints, Key(endpoint.ProjectId, "")).Exists(e
                => e.Document.HoldsRegion && e.Document.Id != endpoint.Id && e.Document.Provider == endpoint.Provider && e.Document.RegionName == endpoint.RegionName)));

    public Task<SaveResult> DeleteAsync(PrivateEndpoint endpoint, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => Task.FromResult(Delete(s => s.PrivateEndpoints, (s, rows) => s with { PrivateEndpoints = rows }, endpoint.ProjectId, Key(endpoint.ProjectId, endpoint.Id.Value), expectedVersion, announce));

    Task<IReadOnlyList<PrivateEndpointRef>> IUnfinishedPrivateEndpoints.ListAsync(int max, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var unfinished = Scan<PrivateEndpoint>(_state.PrivateEndpoints, "").Select(e => e.Document).Where(e => e.IsUnfinished)
                .Select(e => (Key: Key(e.ProjectId, e.Id.Value), e.Ref)).ToList();
            var turn = unfinished.Where(e => string.CompareOrdinal(e.Key, _unfinishedEndpointsAfter) > 0)
                .Concat(unfinished.Where(e => string.CompareOrdinal(e.Key, _unfinishedEndpointsAfter) <= 0))
                .Take(max).ToList();
            _unfinishedEndpointsAfter = turn.Count > 0 ? turn[^1].Key : "";
            return Task.FromResult<IReadOnlyList<PrivateEndpointRef>>([.. turn.Select(e => e.Ref)]);
        }
    }
}
