using Ear.Alerts;
using Ear.PrivateEndpoints;
using Ear.Projects;

namespace Ear.Providers.AzureTables;

/// <summary>An endpoint that holds its region holds the region's row.</summary>
internal sealed class TablePrivateEndpoints(TableParts parts) : IPrivateEndpoints, IUnfinishedPrivateEndpoints
{
    public const string Prefix = "endpoint:";

    public static readonly DocumentKind<PrivateEndpoint> Kind = new()
    {
        Place = e => (e.ProjectId.Value, Row(e.Id)),
        Holds = e => e.HoldsRegion ? [$"region:{e.Provider}:{RowKeys.Part(e.RegionName)}"] : [],
        Listings = e => e.IsUnfinished ? [new(Shelves.UnfinishedEndpoints, $"{e.ProjectId.Value}:{e.Id.Value}", e.ProjectId.Value, Row(e.Id))] : [],
    };

    private readonly Documents<PrivateEndpoint> _documents = new(parts, Kind);

    private readonly ShelfTurns _turns = new(parts.Store, Shelves.UnfinishedEndpoints);

    public Task<Stored<PrivateEndpoint>?> FindAsync(ProjectId project, PrivateEndpointId id, CancellationToken cancellation) => _documents.FindAsync(project.Value, Row(id), cancellation);

    public Task<IReadOnlyList<Stored<PrivateEndpoint>>> ListAsync(ProjectId project, CancellationToken cancellation) => _documents.ListAsync(project.Value, Prefix, cancellation);

    public Task<SaveResult> SaveAsync(PrivateEndpoint endpoint, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => _documents.SaveAsync(endpoint, expectedVersion, endpoint.ProjectId, announce, cancellation);

    public Task<SaveResult> DeleteAsync(PrivateEndpoint endpoint, long expectedVersion, IReadOnlyList<ProjectEvent> announce, CancellationToken cancellation)
        => _documents.DeleteAsync(endpoint, expectedVersion, endpoint.ProjectId, announce, cancellation);

    public async Task<IReadOnlyList<PrivateEndpointRef>> ListAsync(int max, CancellationToken cancellation)
        => [.. (await _turns.NextAsync(max, rows => _documents.FollowAsync(rows, cancellation), cancellation)).Select(e => e.Document.Ref)];

    private static string Row(PrivateEndpointId id) => $"{Prefix}{id.Value}";
}
