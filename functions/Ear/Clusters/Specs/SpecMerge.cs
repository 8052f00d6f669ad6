using System.Text.Json.Nodes;

namespace Ear.Clusters.Specs;

/// <summary>
/// Makes replicationSpecs in full out of what was sent and what was before. An element with an id is that element; one without is
/// the one in its place, and keeps that one's id. What is not sent stays.
/// </summary>
internal static class SpecMerge
{
    private static readonly string[] OfHardware = ["diskIOPS", "diskSizeGB", "ebsVolumeType", "instanceSize", "nodeCount"];
    private static readonly string[] OfElement = ["analyticsSpecs", "electableSpecs", "readOnlySpecs"];

    private static readonly JsonNode NoScaling = JsonNode.Parse("""{ "compute": { "enabled": false, "scaleDownEnabled": false }, "diskGB": { "enabled": false } }""")!;

    /// <param name="sent">Of the right types.</param>
    public static JsonArray Merge(JsonArray sent, JsonArray current, IIds ids)
    {
        var full = new JsonArray();
        for (var i = 0; i < sent.Count; i++)
        {
            var element = sent[i]!.AsObject();
            var before = Before(element, i, sent, current);
            var zone = Text(element, "zoneName") ?? Text(before, "zoneName") ?? "Zone 1";
            full.Add(new JsonObject
            {
                ["id"] = Text(before, "id") ?? ids.NewHex(),
                ["regionConfigs"] = Regions(element["regionConfigs"] as JsonArray, before?["regionConfigs"] as JsonArray),
                ["zoneId"] = ZoneId(zone, before, full, current) ?? ids.NewHex(),
                ["zoneName"] = zone,
            });
        }
        return full;
    }

    private static JsonObject? Before(JsonObject element, int index, JsonArray sent, JsonArray current)
    {
        var named = current.OfType<JsonObject>().FirstOrDefault(c => Text(c, "id") == Text(element, "id"));
        if (named is not null || Text(element, "id") is not null || current.ElementAtOrDefault(index) is not JsonObject there)
            return named;
        return sent.OfType<JsonObject>().Any(s => Text(s, "id") == Text(there, "id")) ? null : there;
    }

    // A zone is known by its name; one whose name is new is the old one renamed, unless others stay in that.
    private static string? ZoneId(string zone, JsonObject? before, JsonArray full, JsonArray current)
    {
        var known = full.Concat(current).OfType<JsonObject>().FirstOrDefault(e => Text(e, "zoneName") == zone);
        var isAlone = before is not null && current.OfType<JsonObject>().Count(e => Text(e, "zoneId") == Text(before, "zoneId")) == 1;
        return Text(known, "zoneId") ?? (isAlone ? Text(before, "zoneId") : null);
    }

    private static JsonArray Regions(JsonArray? sent, JsonArray? before)
    {
        if (sent is null)
            return before?.DeepClone().AsArray() ?? [];
        var regions = sent.OfType<JsonObject>().ToList();
        var named = regions.Select(r => Named(r, before)).ToList();
        var full = new JsonArray();
        var electable = 0;
        for (var i = 0; i < regions.Count; i++)
        {
            var there = before?.ElementAtOrDefault(i) as JsonObject;
            var region = Region(regions[i], named[i] ?? (named.Contains(there) ? null : there), regions.Count == 1);
            region["priority"] ??= region["electableSpecs"]!["nodeCount"]!.Whole() > 0 ? 7 - electable : 0;
            electable += region["priority"]!.Whole() > 0 ? 1 : 0;
            full.Add(region);
        }
        return full;
    }

    private static JsonObject? Named(JsonObject region, JsonArray? before)
        => Text(region, "regionName") is not { } name ? null : before?.OfType<JsonObject>().FirstOrDefault(b
            => Text(b, "regionName") == name && (Text(region, "providerName") is not { } provider || Text(b, "providerName") == provider));

    private static JsonObject Region(JsonObject sent, JsonObject? before, bool isOnly)
    {
        var provider = Text(sent, "providerName") ?? Text(before, "providerName");
        var electable = Hardware(null, before?["electableSpecs"], sent["electableSpecs"], provider);
        electable["nodeCount"] ??= isOnly ? 3 : 0;
        electable["instanceSize"] ??= OfElement.Select(kind => sent[kind]?["instanceSize"]).FirstOrDefault(s => s is not null)?.DeepClone();
        var region = new JsonObject
        {
            ["analyticsSpecs"] = Beside(electable, before?["analyticsSpecs"], sent["analyticsSpecs"], provider),
            ["autoScaling"] = Overlay(Overlay(NoScaling, before?["autoScaling"]), sent["autoScaling"]),
            ["electableSpecs"] = electable,
            ["priority"] = (sent["priority"] ?? before?["priority"])?.DeepClone(),
            ["providerName"] = provider,
            ["readOnlySpecs"] = Beside(electable, before?["readOnlySpecs"], sent["readOnlySpecs"], provider),
            ["regionName"] = Text(sent, "regionName") ?? Text(before, "regionName"),
        };
        if (sent["analyticsAutoScaling"] is not null || before?["analyticsAutoScaling"] is not null)
            region["analyticsAutoScaling"] = Overlay(Overlay(NoScaling, before?["analyticsAutoScaling"]), sent["analyticsAutoScaling"]);
        return region;
    }

    // Nodes that are not there are described as the electable ones, as Atlas does; and a disk has one size throughout.
    private static JsonObject Beside(JsonObject electable, JsonNode? before, JsonNode? sent, string? provider)
    {
        var count = (sent?["nodeCount"] ?? before?["nodeCount"])?.Whole() ?? 0;
        var hardware = count > 0 ? Hardware(electable, before, sent, provider) : electable.DeepClone().AsObject();
        if (count > 0 && sent?["diskSizeGB"] is null && electable["diskSizeGB"] is { } disk)
            hardware["diskSizeGB"] = disk.DeepClone();
        hardware["nodeCount"] = count;
        return hardware;
    }

    private static JsonObject Hardware(JsonObject? like, JsonNode? before, JsonNode? sent, string? provider)
    {
        var full = new JsonObject();
        foreach (var field in OfHardware)
        {
            if ((sent?[field] ?? (Has(provider, field) ? before?[field] ?? like?[field] : null)) is { } value)
                full[field] = value.DeepClone();
        }
        return full;
    }

    private static bool Has(string? provider, string field) => field switch
    {
        "ebsVolumeType" => provider is "AWS",
        "diskIOPS" => provider is not "GCP",
        _ => true,
    };

    private static JsonNode Overlay(JsonNode below, JsonNode? above)
    {
        var full = below.DeepClone().AsObject();
        foreach (var (name, value) in above as JsonObject ?? [])
        {
            if (value is not null)
                full[name] = value is JsonObject && full[name] is JsonObject inner ? Overlay(inner, value) : value.DeepClone();
        }
        return full;
    }

    private static string? Text(JsonNode? from, string name) => from?[name]?.GetValue<string>();
}

public static class SpecNumbers
{
    /// <summary>Of a node that is known to be a whole number, however it was made: parsed, or set by us.</summary>
    public static int Whole(this JsonNode number) => (int)number.Number();

    public static double Number(this JsonNode number) => System.Text.Json.JsonSerializer.Deserialize<double>(number);
}
