using System.Text.Json.Nodes;
using Ear.Clusters.Specs;
using Ear.Outcomes;

namespace Ear.Functions.Clusters.Doors.Versions;

/// <summary>2023-02-01, AdvancedClusterDescription: the disk's size is the cluster's, and an element of replicationSpecs is a zone of numShards equal shards.</summary>
internal sealed class AdvancedShape : ClusterShape
{
    /// <summary>What this shape has besides the newest; the rest is checked there.</summary>
    private static readonly JsonForm Form = JsonForm.Parse(
        """
        {
          "diskSizeGB": 0.5,
          "replicationSpecs": [{
            "id": "", "numShards": 0,
            "regionConfigs": [{ "electableSpecs": {}, "readOnlySpecs": {}, "analyticsSpecs": {} }]
          }]
        }
        """);

    private static readonly string[] Hardware = ["electableSpecs", "readOnlySpecs", "analyticsSpecs"];

    public override Outcome<JsonObject> ToNewest(JsonObject body, JsonObject? described)
    {
        var faults = new List<FieldFault>();
        Form.Check("", body, faults);
        if (faults.Count > 0)
            return new Problem.InvalidFields(faults);
        var newest = Without(body, ["diskSizeGB", "replicationSpecs", .. OnlyNewest]);
        var specs = body["replicationSpecs"] as JsonArray;
        if (specs is not null)
        {
            var groups = Shards.Grouped(described);
            var shards = new JsonArray();
            for (var i = 0; i < specs.Count; i++)
            {
                var before = Shards.Of(specs[i]!.AsObject(), i, groups);
                if ((specs[i]!["numShards"]?.Whole() ?? Math.Max(before.Count, 1)) is not (>= 1 and <= 70 and var count))
                    return new Problem.InvalidField($"replicationSpecs[{i}].numShards", "From 1 to 70.");
                foreach (var shard in Shards.Expanded(Without(specs[i]!.AsObject(), ["numShards"]), count, before))
                    shards.Add(shard);
            }
            newest["replicationSpecs"] = shards;
        }
        if (body["diskSizeGB"] is { } disk)
        {
            newest["replicationSpecs"] ??= described?["replicationSpecs"]?.DeepClone();
            foreach (var region in ReplicationSpecs.RegionsOf(newest))
                SetDisk(region, disk);
        }
        return newest;
    }

    public override JsonObject FromNewest(JsonObject newest)
    {
        var older = Without(newest, ["replicationSpecs", .. OnlyNewest]);
        var zones = new JsonArray();
        foreach (var group in Shards.Grouped(newest))
        {
            var zone = group[0].DeepClone().AsObject();
            zone["numShards"] = group.Count;
            foreach (var hardware in zone["regionConfigs"]!.AsArray().SelectMany(r => Hardware.Select(kind => r![kind]).OfType<JsonObject>()))
                hardware.Remove("diskSizeGB");
            zones.Add(zone);
        }
        older["replicationSpecs"] = zones;
        if (DiskOf(newest) is { } disk)
            older["diskSizeGB"] = disk;
        return older;
    }

    /// <summary>One size throughout, wherever it is said.</summary>
    internal static JsonNode? DiskOf(JsonObject newest)
        => ReplicationSpecs.RegionsOf(newest).SelectMany(r => Hardware.Select(kind => r[kind]?["diskSizeGB"])).FirstOrDefault(d => d is not null)?.DeepClone();

    private static void SetDisk(JsonObject region, JsonNode disk)
    {
        region["electableSpecs"] ??= new JsonObject();
        foreach (var hardware in Hardware.Select(kind => region[kind]).OfType<JsonObject>())
            hardware["diskSizeGB"] = disk.DeepClone();
    }
}
