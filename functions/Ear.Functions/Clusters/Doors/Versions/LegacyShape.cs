using System.Text.Json.Nodes;
using Ear.Clusters;
using Ear.Clusters.Specs;
using Ear.Outcomes;

namespace Ear.Functions.Clusters.Doors.Versions;

/// <summary>
/// 2023-01-01, LegacyAtlasCluster: one provider, one instance size, one disk and one rule of scaling for the whole cluster, and
/// regions as a map of node counts. It cannot say several cloud providers: it shows such a cluster as far as it can, and does not change it.
/// </summary>
internal sealed class LegacyShape : ClusterShape
{
    private static readonly JsonForm Form = JsonForm.Parse(
        """
        {
          "autoScaling": { "compute": { "enabled": true, "scaleDownEnabled": true }, "diskGBEnabled": true },
          "backupEnabled": true,
          "diskSizeGB": 0.5,
          "numShards": 0,
          "providerBackupEnabled": true,
          "providerSettings": {
            "providerName": "", "backingProviderName": "", "instanceSizeName": "", "regionName": "", "diskIOPS": 0, "volumeType": "",
            "autoScaling": { "compute": { "minInstanceSize": "", "maxInstanceSize": "" } }
          },
          "replicationFactor": 0,
          "replicationSpec": { "*": { "electableNodes": 0, "readOnlyNodes": 0, "analyticsNodes": 0, "priority": 0 } },
          "replicationSpecs": [{
            "id": "", "numShards": 0, "zoneName": "",
            "regionsConfig": { "*": { "electableNodes": 0, "readOnlyNodes": 0, "analyticsNodes": 0, "priority": 0 } }
          }]
        }
        """);

    /// <summary>Fields that say what replicationSpecs of the newest shape say.</summary>
    private static readonly string[] OfSpecs =
        ["autoScaling", "diskSizeGB", "numShards", "providerSettings", "replicationFactor", "replicationSpec", "replicationSpecs"];

    private static readonly string[] OnlyHere =
        ["deleteAfterCreationHours", "deleteAfterDate", "mongoURI", "mongoURIUpdated", "mongoURIWithOptions", "providerBackupEnabled", "srvAddress"];

    /// <summary>Of the right types.</summary>
    private static void CheckIds(JsonArray zones, List<FieldFault> faults)
    {
        for (var i = 0; i < zones.Count; i++)
        {
            if (zones[i]!["id"]?.GetValue<string>() is { } id && !HexId.TryParse<ClusterId>(id, out _))
                faults.Add(new FieldFault($"replicationSpecs[{i}].id", "Must be 24 lower-case hexadecimal characters, or absent."));
        }
    }

    public override Outcome<JsonObject> ToNewest(JsonObject body, JsonObject? described)
    {
        var faults = new List<FieldFault>();
        Form.Check("", body, faults);
        if (faults.Count == 0)
            CheckIds(body["replicationSpecs"] as JsonArray ?? [], faults);
        if (faults.Count > 0)
            return new Problem.InvalidFields(faults);
        if (body["deleteAfterCreationHours"] is not null)
            return new Problem.NotRunHere("deleteAfterCreationHours", "A cluster that deletes itself");
        var newest = Without(body, [.. OfSpecs, .. OnlyHere, .. OnlyNewest]);
        if (body["providerBackupEnabled"] is { } backup && !IsTrue(body["backupEnabled"]))
            newest["backupEnabled"] = backup.DeepClone();
        if (!OfSpecs.Any(name => body[name] is not null))
            return newest;
        if (ReplicationSpecs.RegionsOf(described ?? []).Select(r => r["providerName"]?.GetValue<string>()).Distinct().Count() > 1)
            return new Problem.InvalidField("replicationSpecs", "This version cannot say which region is of which cloud provider: change this cluster by version 2023-02-01 or newer.");
        var shards = new JsonArray();
        var groups = Shards.Grouped(described);
        var zones = LegacyZones.Of(body, described);
        for (var i = 0; i < zones.Count; i++)
        {
            var before = Shards.Of(zones[i], i, groups);
            if ((zones[i]["numShards"]?.Whole() ?? 1) is not (>= 1 and <= 70 and var count))
                return new Problem.InvalidField($"replicationSpecs[{i}].numShards", "From 1 to 70.");
            foreach (var shard in Shards.Expanded(LegacyZones.ToNewest(zones[i], body), count, before))
                shards.Add(shard);
        }
        newest["replicationSpecs"] = shards;
        return newest;
    }

    public override JsonObject FromNewest(JsonObject newest)
    {
        var older = Without(newest, ["replicationSpecs", .. OnlyNewest]);
        var zones = LegacyZones.FromNewest(newest);
        var regions = ReplicationSpecs.RegionsOf(newest).ToList();
        older["backupEnabled"] = false;
        older["providerBackupEnabled"] = newest["backupEnabled"]?.DeepClone();
        older["numShards"] = newest["replicationSpecs"]!.AsArray().Count;
        older["replicationSpecs"] = new JsonArray([.. zones]);
        older["replicationSpec"] = zones[0]["regionsConfig"]!.DeepClone();
        older["replicationFactor"] = zones[0]["regionsConfig"]!.AsObject().Sum(r => r.Value!["electableNodes"]!.Whole());
        older["providerSettings"] = ProviderSettings(regions);
        older["autoScaling"] = new JsonObject
        {
            ["compute"] = new JsonObject
            {
                ["enabled"] = IsTrue(regions[0]["autoScaling"]?["compute"]?["enabled"]),
                ["scaleDownEnabled"] = IsTrue(regions[0]["autoScaling"]?["compute"]?["scaleDownEnabled"]),
            },
            ["diskGBEnabled"] = IsTrue(regions[0]["autoScaling"]?["diskGB"]?["enabled"]),
        };
        if (AdvancedShape.DiskOf(newest) is { } disk)
            older["diskSizeGB"] = disk;
        if (newest["connectionStrings"]?["standard"]?.GetValue<string>() is { } standard)
        {
            older["mongoURI"] = standard.Split("/?")[0];
            older["mongoURIWithOptions"] = standard;
            older["mongoURIUpdated"] = newest["createDate"]?.DeepClone();
        }
        return older;
    }

    private static JsonObject ProviderSettings(List<JsonObject> regions)
    {
        var electable = regions[0]["electableSpecs"]!;
        var settings = new JsonObject
        {
            ["providerName"] = regions[0]["providerName"]?.DeepClone(),
            ["instanceSizeName"] = electable["instanceSize"]?.DeepClone(),
        };
        if (regions.Select(r => r["regionName"]?.GetValue<string>()).Distinct().Count() == 1)
            settings["regionName"] = regions[0]["regionName"]?.DeepClone();
        foreach (var (newer, name) in new[] { ("diskIOPS", "diskIOPS"), ("ebsVolumeType", "volumeType") })
        {
            if (electable[newer] is { } value)
                settings[name] = value.DeepClone();
        }
        if (regions[0]["providerName"]?.GetValue<string>() is "AWS")
            settings["encryptEBSVolume"] = true;
        var limits = new JsonObject();
        foreach (var name in LegacyZones.ScalingLimits)
        {
            if (regions[0]["autoScaling"]?["compute"]?[name] is { } limit)
                limits[name] = limit.DeepClone();
        }
        if (limits.Count > 0)
            settings["autoScaling"] = new JsonObject { ["compute"] = limits };
        return settings;
    }

    private static bool IsTrue(JsonNode? flag) => flag?.GetValue<bool>() is true;
}
