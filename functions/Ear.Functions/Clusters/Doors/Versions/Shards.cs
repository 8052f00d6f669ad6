using System.Text.Json.Nodes;

namespace Ear.Functions.Clusters.Doors.Versions;

/// <summary>Older shapes say "n shards as this"; the newest has n elements that are equal. Neighbours of one zone and one make are one group.</summary>
internal static class Shards
{
    public static IReadOnlyList<IReadOnlyList<JsonObject>> Grouped(JsonObject? newest)
    {
        var groups = new List<List<JsonObject>>();
        foreach (var shard in (newest?["replicationSpecs"] as JsonArray ?? []).OfType<JsonObject>())
        {
            if (groups.LastOrDefault() is { } group && IsAlike(group[0], shard))
                group.Add(shard);
            else
                groups.Add([shard]);
        }
        return groups;
    }

    /// <summary>The group that an older element speaks of: by the id of its first shard, or by its place.</summary>
    public static IReadOnlyList<JsonObject> Of(JsonObject older, int index, IReadOnlyList<IReadOnlyList<JsonObject>> groups)
        => older["id"] is { } id ? groups.FirstOrDefault(g => JsonNode.DeepEquals(g[0]["id"], id)) ?? [] : groups.ElementAtOrDefault(index) ?? [];

    /// <summary>As many equal shards: those that there were before under their ids, and more of the same make, whatever is said about it now.</summary>
    public static IEnumerable<JsonObject> Expanded(JsonObject shard, int count, IReadOnlyList<JsonObject> before)
        => Enumerable.Range(0, count).Select(i =>
        {
            var one = i < before.Count || before.Count == 0 ? shard.DeepClone().AsObject() : Like(before[0], shard);
            if (before.ElementAtOrDefault(i)?["id"] is { } id)
                one["id"] = id.DeepClone();
            else if (i > 0)
                one.Remove("id");
            return one;
        });

    private static JsonObject Like(JsonObject first, JsonObject sent)
    {
        var shard = sent.DeepClone().AsObject();
        var there = first["regionConfigs"]!.AsArray();
        var regions = sent["regionConfigs"] as JsonArray ?? there;
        shard["zoneName"] ??= first["zoneName"]?.DeepClone();
        shard["regionConfigs"] = new JsonArray([.. regions.Select((region, i) => Overlaid(
            there.FirstOrDefault(t => JsonNode.DeepEquals(t!["regionName"], region!["regionName"])) ?? there.ElementAtOrDefault(i), region!))]);
        return shard;
    }

    private static JsonNode Overlaid(JsonNode? below, JsonNode above)
    {
        if (below is not JsonObject || above is not JsonObject fields)
            return above.DeepClone();
        var full = below.DeepClone().AsObject();
        foreach (var (name, value) in fields)
        {
            if (value is not null)
                full[name] = Overlaid(full[name], value);
        }
        return full;
    }

    private static bool IsAlike(JsonObject one, JsonObject other)
        => JsonNode.DeepEquals(one["zoneName"], other["zoneName"]) && JsonNode.DeepEquals(one["regionConfigs"], other["regionConfigs"]);
}
