using System.Text.Json.Nodes;
using Ear.Clusters;

namespace Ear.PrivateEndpoints;

/// <summary>A region in which a cluster has nodes, in the words of its replicationSpecs.</summary>
/// <param name="Cloud">AWS, AZURE, GCP.</param>
internal sealed record ClusterPlace(string Cloud, string Region)
{
    public static IReadOnlyList<ClusterPlace> Of(ClusterSpec? spec)
        => [.. Objects(spec?.Described["replicationSpecs"]).SelectMany(shard => Objects(shard["regionConfigs"]))
            .Select(region => new ClusterPlace(Text(region, "providerName"), Text(region, "regionName"))).Distinct()];

    private static IEnumerable<JsonObject> Objects(JsonNode? list) => (list as JsonArray)?.OfType<JsonObject>() ?? [];

    private static string Text(JsonObject from, string name) => from[name]?.ToString() ?? "";
}
