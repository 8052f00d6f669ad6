using System.Text.Json.Nodes;

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

    public static IEnumerable<JsonObject> RegionsOf(JsonObject described)
        => described["replicationSpecs"] is JsonArray elements ? elements.OfType<JsonObject>().SelectMany(e => e["regionConfigs"] as JsonArray ?? []).OfType<JsonObject>() : [];
}
