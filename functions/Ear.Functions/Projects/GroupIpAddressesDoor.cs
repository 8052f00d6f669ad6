using System.Net;
using Ear.Clusters;
using Ear.Functions.Http;
using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Nodes;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.Projects;

/// <summary>
/// The addresses of a project's nodes, which a key service's or a client's firewall has to let pass (R24). A node is reached at what its agent reports, and
/// calls from there; a name that is no address is left out, as Ear would only guess what it means elsewhere.
/// </summary>
public sealed class GroupIpAddressesDoor(AtlasDoor door, IClusters clusters, INodes nodes)
{
    /// <summary>Project Read Only.</summary>
    [Function("getGroupIpAddresses")]
    public Task<IActionResult> Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "atlas/v2/groups/{groupId}/ipAddresses")] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, async call =>
        {
            var views = new List<ClusterAddressesView>();
            foreach (var (cluster, _) in await clusters.ListAsync(call.Project.Id, call.Cancellation))
            {
                var addresses = AddressesOf(await nodes.ListAsync(call.Project.Id, cluster.Id, call.Cancellation));
                views.Add(new(cluster.Name.Value, addresses, addresses, [], []));
            }
            return Reply.Ok(new GroupAddressesView(groupId, new GroupAddressServicesView(views)), ProjectJson.Default.GroupAddressesView);
        });

    private static IReadOnlyList<string> AddressesOf(IEnumerable<Stored<Node>> members)
        => [.. members.Where(n => !n.Document.Removed).Select(n => AddressIn(n.Document.HostPort)).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>Of 10.0.0.1:27017 or [::1]:27017.</summary>
    private static string? AddressIn(string? hostPort)
    {
        var colon = hostPort?.LastIndexOf(':') ?? -1;
        return colon > 0 && IPAddress.TryParse(hostPort![..colon], out var address) ? address.ToString() : null;
    }
}
