using Ear.Functions.Http;
using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Projects;

/// <summary>The addresses that Ear itself calls from and is called at, for firewalls (spec atlas-ear §2.10, R23): as its operator set them.</summary>
public sealed class ControlPlaneDoor(IOptions<ControlPlaneOptions> options)
{
    private static readonly MediaVersions Versions = new("2023-11-15");

    /// <summary>Anybody, without authentication.</summary>
    [Function("listControlPlaneIpAddresses")]
    public IActionResult List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "atlas/v2/unauth/controlPlaneIPAddresses")] HttpRequest request)
        => AtlasDoor.ToAnybody(request, Versions, () => Reply.Ok(
            new ControlPlaneView(Of(options.Value.Inbound), Of(options.Value.Outbound), []), ProjectJson.Default.ControlPlaneView));

    private static Dictionary<string, Dictionary<string, string[]>> Of(Dictionary<string, Dictionary<string, string>> side)
        => ControlPlaneOptions.Clouds.ToDictionary(cloud => cloud, cloud => (side.GetValueOrDefault(cloud) ?? [])
            .Select(r => (Region: ControlPlaneOptions.RegionIn(r.Key), Ranges: ControlPlaneOptions.RangesIn(r.Value)))
            .Where(r => r.Ranges.Length > 0)
            .ToDictionary(r => r.Region, r => r.Ranges));
}
