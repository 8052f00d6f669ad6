using System.Net;
using Ear.CustomerKeys;
using Ear.Projects;

namespace Ear.PrivateEndpoints;

/// <summary>
/// How a project's key service is reached in private: through its ACTIVE endpoints (R62), and through no other one, not even of another project to the same
/// vault. Without an ACTIVE one it is reached by its public address, as before: a vault that is closed to public networks refuses that, which stops nothing
/// (<see cref="UnknownReason.NetworkAccessDenied"/>). Read anew for each call, so that an endpoint that is on its way out carries nothing more.
/// </summary>
public sealed class PrivateWays(IPrivateEndpoints endpoints)
{
    /// <summary>Oldest first; the port is 0 where it is the key service's own.</summary>
    public async Task<IReadOnlyList<IPEndPoint>> ToAsync(ProjectId project, KeyProvider provider, string target, CancellationToken cancellation)
        => [.. (await endpoints.ListAsync(project, cancellation)).Select(e => e.Document)
            .Where(e => e is { Status: PrivateEndpointStatus.Active, Address: not null } && e.Provider == provider && PrivateEndpointTarget.IsSame(e.Target, target))
            .OrderBy(e => e.Created).ThenBy(e => e.Id.Value, StringComparer.Ordinal).Select(e => IPEndPoint.Parse(e.Address!))];
}
