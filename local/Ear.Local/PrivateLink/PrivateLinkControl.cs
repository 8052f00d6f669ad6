using Ear.CustomerKeys;
using Ear.PrivateEndpoints;

namespace Ear.Local.PrivateLink;

/// <summary>
/// The customer's side of the simulation, in the KMS control API.
/// <code>
/// GET  /private-links                      the connections, oldest first
/// POST /private-links/{name}/approve
/// POST /private-links/{name}/reject        also of an approved one
/// POST /private-links/{name}/fail          {"reason":"The subscription has no Microsoft.Network"}
/// </code>
/// </summary>
internal static class PrivateLinkControl
{
    public static object List(PrivateLinkSimulation simulation) => new { privateLinks = simulation.All().Select(l => View(l.Link, l.Sight)) };

    /// <returns>Null: there is no such thing to do.</returns>
    public static LinkDecision? Decision(string verb) => verb switch
    {
        "approve" => LinkDecision.Approved,
        "reject" => LinkDecision.Rejected,
        "fail" => LinkDecision.Broken,
        _ => null,
    };

    private static object View(SimulatedLink link, PrivateLinkSight sight)
        => new { name = link.Name, endpointId = link.Id.Value, cloudProvider = link.Provider.AtlasName(), regionName = link.RegionName, target = link.Target, state = PrivateLinkSimulation.Word(sight) };
}
