using Ear.Alerts;
using Ear.Clusters.Specs;
using Ear.Projects;

namespace Ear.Clusters;

/// <summary>
/// Where the clusters of a project live, as Atlas's clients ask for it: one container for each provider and region, one in all for
/// Google Cloud, whose networks span regions. Self-managed clusters are in their owner's networks: no network is made or known here.
/// </summary>
/// <param name="Id">Follows from project, provider and region, so that it stays.</param>
/// <param name="Regions">One, but for GCP.</param>
public sealed record NetworkContainer(string Id, string ProviderName, IReadOnlyList<string> Regions)
{
    private const string Google = "GCP";

    /// <summary>By provider and region.</summary>
    public static IReadOnlyList<NetworkContainer> Of(ProjectId project, IEnumerable<Cluster> clusters)
        => [.. clusters.SelectMany(c => ReplicationSpecs.RegionsOf(c.Spec.Described))
            .Select(r => (Provider: r["providerName"]!.GetValue<string>(), Region: r["regionName"]!.GetValue<string>()))
            .Distinct()
            .OrderBy(r => r.Provider, StringComparer.Ordinal).ThenBy(r => r.Region, StringComparer.Ordinal)
            .GroupBy(r => (r.Provider, Region: r.Provider is Google ? "" : r.Region))
            .Select(g => new NetworkContainer(CausedEvents.HexOf(project.Value, "container", g.Key.Provider, g.Key.Region), g.Key.Provider, [.. g.Select(r => r.Region)]))];
}
