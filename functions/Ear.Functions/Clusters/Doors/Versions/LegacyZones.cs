using System.Text.Json.Nodes;
using Ear.Clusters.Specs;

namespace Ear.Functions.Clusters.Doors.Versions;

/// <summary>The elements of a legacy replicationSpecs: a zone with its number of shards and, for each region, its counts of nodes.</summary>
internal static class LegacyZones
{
    public static readonly string[] ScalingLimits = ["maxInstanceSize", "minInstanceSize"];

    private static readonly (string Newer, string Older)[] Counts = [("analyticsSpecs", "analyticsNodes"), ("electableSpecs", "electableNodes"), ("readOnlySpecs", "readOnlyNodes")];

    public static IReadOnlyList<JsonObject> FromNewest(JsonObject? newest)
        => [.. Shards.Grouped(newest).Select(group => new JsonObject
        {
            ["id"] = group[0]["id"]?.DeepClone(),
            ["numShards"] = group.Count,
            ["regionsConfig"] = new JsonObject(group[0]["regionConfigs"]!.AsArray()
                .Select(r => new KeyValuePair<string, JsonNode?>(r!["regionName"]!.GetValue<string>(), RegionFromNewest(r)))
                .DistinctBy(r => r.Key)),
            ["zoneName"] = group[0]["zoneName"]?.DeepClone(),
        })];

    /// <summary>The zones that a body speaks of: those it names, or, where it speaks of the cluster as a whole, those that there are; a new cluster has one.</summary>
    public static IReadOnlyList<JsonObject> Of(JsonObject body, JsonObject? described)
    {
        var current = FromNewest(described);
        if (body["replicationSpecs"] is JsonArray { Count: > 0 } named)
            return [.. named.OfType<JsonObject>().Select((zone, i) => Filled(zone, current.ElementAtOrDefault(i), body))];
        if (body["replicationSpec"] is JsonObject regions)
            return [Filled(new JsonObject { ["regionsConfig"] = regions.DeepClone() }, current.ElementAtOrDefault(0), body)];
        return current.Count == 0 ? [Filled([], null, body)] : [.. current.Select(zone => Changed(zone, body))];
    }

    public static JsonObject ToNewest(JsonObject zone, JsonObject body)
    {
        var regions = new JsonArray();
        foreach (var (name, config) in zone["regionsConfig"]!.AsObject())
            regions.Add(RegionToNewest(name, config ?? new JsonObject(), body));
        var shard = new JsonObject { ["regionConfigs"] = regions };
        foreach (var name in new[] { "id", "zoneName" })
        {
            if (zone[name] is { } value)
                shard[name] = value.DeepClone();
        }
        return shard;
    }

    private static JsonObject Filled(JsonObject sent, JsonObject? current, JsonObject body)
    {
        var zone = sent.DeepClone().AsObject();
        zone["numShards"] ??= (body["numShards"] ?? current?["numShards"])?.DeepClone() ?? 1;
        zone["regionsConfig"] ??= current?["regionsConfig"]?.DeepClone() ?? OnlyRegion(body, 3);
        return zone;
    }

    // Of a cluster in one region, its name and its number of nodes may be said beside replicationSpecs.
    private static JsonObject Changed(JsonObject zone, JsonObject body)
    {
        if (body["numShards"] is { } shards)
            zone["numShards"] = shards.DeepClone();
        if (zone["regionsConfig"]!.AsObject() is not { Count: 1 } regions)
            return zone;
        var (name, config) = regions.First();
        if (body["replicationFactor"] is { } factor)
            config!["electableNodes"] = factor.DeepClone();
        if (body["providerSettings"]?["regionName"]?.GetValue<string>() is { } moved && moved != name)
            zone["regionsConfig"] = new JsonObject { [moved] = config!.DeepClone() };
        return zone;
    }

    private static JsonObject OnlyRegion(JsonObject body, int nodes)
        => new() { [body["providerSettings"]?["regionName"]?.GetValue<string>() ?? ""] = new JsonObject { ["electableNodes"] = body["replicationFactor"]?.DeepClone() ?? nodes } };

    private static JsonNode RegionFromNewest(JsonNode region)
    {
        var config = new JsonObject();
        foreach (var (newer, older) in Counts)
            config[older] = region[newer]?["nodeCount"]?.Whole() ?? 0;
        config["priority"] = region["priority"]?.DeepClone();
        return config;
    }

    private static JsonObject RegionToNewest(string name, JsonNode config, JsonObject body)
    {
        var settings = body["providerSettings"];
        var region = new JsonObject();
        Set(region, "providerName", settings?["providerName"]);
        Set(region, "regionName", name.Length == 0 ? null : name);
        Set(region, "priority", config["priority"]);
        foreach (var (newer, older) in Counts)
        {
            var hardware = new JsonObject();
            Set(hardware, "instanceSize", settings?["instanceSizeName"]);
            Set(hardware, "diskIOPS", settings?["diskIOPS"]);
            Set(hardware, "ebsVolumeType", settings?["volumeType"]);
            Set(hardware, "diskSizeGB", body["diskSizeGB"]);
            Set(hardware, "nodeCount", config[older]);
            if (hardware.Count > 0)
                region[newer] = hardware;
        }
        var compute = new JsonObject();
        foreach (var field in new[] { "enabled", "scaleDownEnabled" })
            Set(compute, field, body["autoScaling"]?["compute"]?[field]);
        foreach (var limit in ScalingLimits)
            Set(compute, limit, settings?["autoScaling"]?["compute"]?[limit]);
        var scaling = new JsonObject();
        if (compute.Count > 0)
            scaling["compute"] = compute;
        if (body["autoScaling"]?["diskGBEnabled"] is { } disk)
            scaling["diskGB"] = new JsonObject { ["enabled"] = disk.DeepClone() };
        if (scaling.Count > 0)
            region["autoScaling"] = scaling;
        return region;
    }

    private static void Set(JsonObject into, string name, JsonNode? value)
    {
        if (value is not null)
            into[name] = value.DeepClone();
    }
}
