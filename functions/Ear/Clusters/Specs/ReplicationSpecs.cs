using System.Text.Json.Nodes;
using Ear.Outcomes;

namespace Ear.Clusters.Specs;

/// <summary>The types of replicationSpecs, newest shape.</summary>
public static class ReplicationSpecs
{
    public static JsonForm Form { get; } = JsonForm.Parse(
        """
        [{
          "id": "", "zoneId": "", "zoneName": "",
          "regionConfigs": [{
            "providerName": "", "regionName": "", "backingProviderName": "", "priority": 0,
            "electableSpecs": { "instanceSize": "", "nodeCount": 0, "diskSizeGB": 0.5, "diskIOPS": 0, "ebsVolumeType": "" },
            "readOnlySpecs": { "instanceSize": "", "nodeCount": 0, "diskSizeGB": 0.5, "diskIOPS": 0, "ebsVolumeType": "" },
            "analyticsSpecs": { "instanceSize": "", "nodeCount": 0, "diskSizeGB": 0.5, "diskIOPS": 0, "ebsVolumeType": "" },
            "autoScaling": {
              "compute": { "enabled": true, "scaleDownEnabled": true, "minInstanceSize": "", "maxInstanceSize": "" }, "diskGB": { "enabled": true }
            },
            "analyticsAutoScaling": {
              "compute": { "enabled": true, "scaleDownEnabled": true, "minInstanceSize": "", "maxInstanceSize": "" }, "diskGB": { "enabled": true }
            }
          }]
        }]
        """);

    /// <summary>Of nodes that are not there, what is said is not kept; so that it is not taken unseen either, its bounds are checked as it is sent.</summary>
    /// <param name="body">Of the right types.</param>
    public static void CheckDisks(JsonObject body, ICollection<FieldFault> faults)
    {
        foreach (var region in RegionsOf(body))
        {
            foreach (var kind in new[] { "readOnlySpecs", "analyticsSpecs" })
            {
                if (region[kind]?["diskSizeGB"]?.Number() is < SpecRules.LeastDisk or > SpecRules.MostDisk)
                    faults.Add(new FieldFault($"replicationSpecs.regionConfigs.{kind}.diskSizeGB", $"Must be a number from {SpecRules.LeastDisk} to {SpecRules.MostDisk}."));
            }
        }
    }

    public static IEnumerable<JsonObject> RegionsOf(JsonObject described)
        => described["replicationSpecs"] is JsonArray elements ? elements.OfType<JsonObject>().SelectMany(e => e["regionConfigs"] as JsonArray ?? []).OfType<JsonObject>() : [];
}
