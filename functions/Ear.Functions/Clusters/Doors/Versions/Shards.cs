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

    /// <summary>As many equal shards, those that there were before under their ids.</summary>
    public static IEnumerable<JsonObject> Expanded(JsonObject shard, int count, IReadOnlyList<JsonObject> before)
        => Enumerable.Range(0, count).Select(i =>
        {
            var one = shard.DeepClone().AsObject();
            if (before.ElementAtOrDefault(i)?["id"] is { } id)
                one["id"] = id.DeepClone();
            else if (i > 0)
                one.Remove("id");
            return one;
        });

    private static bool IsAlike(JsonObject one, JsonObject other)
        => JsonNode.DeepEquals(one["zoneName"], other["zoneName"]) && JsonNode.DeepEquals(one["regionConfigs"], other["regionConfigs"]);
}
