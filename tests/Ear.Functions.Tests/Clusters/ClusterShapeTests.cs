using System.Text.Json.Nodes;
using CsCheck;
using Ear.Functions.Clusters.Doors.Versions;
using Ear.Functions.Http.Requests;

namespace Ear.Functions.Tests.Clusters;

/// <summary>What an older version can say survives both ways.</summary>
public sealed class ClusterShapeTests
{
    private static readonly ClusterShape Advanced = ClusterShape.Of(new MediaVersion(new DateOnly(2023, 2, 1)));
    private static readonly ClusterShape Legacy = ClusterShape.Of(new MediaVersion(new DateOnly(2023, 1, 1)));

    private static readonly Gen<string> Sizes = Gen.OneOf("M10", "M30", "R40", "M200");
    private static readonly Gen<(string Provider, string[] Regions)> Places = Gen.OneOf(
        ("AWS", new[] { "US_EAST_1", "US_WEST_2", "EU_WEST_1" }), ("AZURE", ["US_EAST_2", "EUROPE_NORTH", "US_WEST"]), ("GCP", ["CENTRAL_US", "WESTERN_EUROPE", "EASTERN_US"]));

    private static readonly Gen<JsonObject?> Scaling = Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool, (enabled, down, disk, limits) =>
    {
        var compute = new JsonObject { ["enabled"] = enabled, ["scaleDownEnabled"] = down };
        if (limits)
            (compute["minInstanceSize"], compute["maxInstanceSize"]) = ("M10", "M80");
        return (JsonObject?)new JsonObject { ["compute"] = compute, ["diskGB"] = new JsonObject { ["enabled"] = disk } };
    });

    private static readonly Gen<JsonArray> OneProvider = Gen.Select(Places, Sizes, Gen.Int[0, 3], Scaling, Gen.Int[1, 3].Array[1, 3], Gen.Int[0, 2].Array[12], (place, size, disk, scaling, zones, counts) =>
        Specs(zones, (zone, region) => place.Regions.Length > region ? (place.Provider, place.Regions[region], size, size) : null, disk, scaling!, null, counts, place.Provider is "AWS" && disk > 1));

    private static readonly Gen<JsonArray> Any = Gen.Select(Places.Array[1, 3], Sizes.Array[3], Gen.Int[0, 3], Gen.Select(Scaling, Scaling), Gen.Int[1, 3].Array[1, 3], Gen.Int[0, 2].Array[12], (places, sizes, disk, scaling, zones, counts) =>
        Specs(zones, (zone, region) => region < places.Length ? (places[region].Provider, places[region].Regions[region], sizes[zone % 3], sizes[(zone + 1) % 3]) : null, disk, scaling.Item1!, scaling.Item2, counts, false));

    [Fact]
    public void The_2023_02_shape_says_zones_of_equal_shards_and_one_disk_and_loses_nothing()
        => Any.Sample(specs => Survives(Advanced, specs), iter: 500);

    [Fact]
    public void The_2023_01_shape_says_regions_as_counts_and_loses_nothing_of_one_providers_cluster()
        => OneProvider.Sample(specs => Survives(Legacy, specs), iter: 500);

    [Fact]
    public void A_legacy_size_is_said_about_every_shard_and_region_there_is()
        => OneProvider.Sample(specs =>
        {
            var described = Whole(specs);
            var patched = Legacy.ToNewest(JsonNode.Parse("""{"providerSettings":{"instanceSizeName":"M80"},"diskSizeGB":99}""")!.AsObject(), described).Value;
            var hardware = Regions(patched).Select(r => r["electableSpecs"]!).ToList();
            return Ids(patched).SequenceEqual(Ids(described)) && hardware.Count == Regions(described).Count()
                && hardware.All(h => h["instanceSize"]!.GetValue<string>() == "M80" && h["diskSizeGB"]!.ToJsonString() == "99");
        }, iter: 200);

    [Fact]
    public void More_shards_are_as_many_equal_ones_and_those_there_were_keep_their_ids()
        => Any.Sample(specs =>
        {
            var described = Whole(specs);
            var older = Advanced.FromNewest(described);
            older["replicationSpecs"]![0]!["numShards"] = 5;
            var patched = Advanced.ToNewest(older, described).Value;
            var first = patched["replicationSpecs"]!.AsArray().Take(5).ToList();
            return Ids(described).All(id => Ids(patched).Contains(id)) && first.TrueForAll(s => JsonNode.DeepEquals(s!["regionConfigs"], first[0]!["regionConfigs"]));
        }, iter: 200);

    private static bool Survives(ClusterShape shape, JsonArray specs)
    {
        var described = Whole(specs);
        var before = described.ToJsonString();
        var older = shape.FromNewest(described);
        var known = shape.ToNewest(older, described).Value;
        var made = shape.ToNewest(older, null).Value;
        return described.ToJsonString() == before
            && JsonNode.DeepEquals(Bare(known, ids: true), Bare(described, ids: true))
            && JsonNode.DeepEquals(Bare(made, ids: false), Bare(described, ids: false))
            && JsonNode.DeepEquals(shape.FromNewest(known)["replicationSpecs"], older["replicationSpecs"]);
    }

    /// <summary>As it is compared: a zone's id is not said by every version.</summary>
    private static JsonNode Bare(JsonObject described, bool ids)
    {
        var bare = described["replicationSpecs"]!.DeepClone().AsArray();
        foreach (var spec in bare)
        {
            spec!.AsObject().Remove("zoneId");
            if (!ids)
                spec.AsObject().Remove("id");
        }
        return bare;
    }

    private static JsonObject Whole(JsonArray specs)
        => new() { ["clusterType"] = "GEOSHARDED", ["backupEnabled"] = true, ["paused"] = false, ["replicationSpecs"] = specs.DeepClone() };

    private static JsonArray Specs(
        int[] shardsOfZones, Func<int, int, (string Provider, string Region, string Size, string Analytics)?> place, int disk, JsonObject scaling, JsonObject? analyticsScaling, int[] counts, bool volume)
    {
        var specs = new JsonArray();
        for (var zone = 0; zone < shardsOfZones.Length; zone++)
        {
            var regions = new JsonArray();
            for (var region = 0; place(zone, region) is var (provider, name, size, analytics); region++)
            {
                var config = new JsonObject
                {
                    ["providerName"] = provider,
                    ["regionName"] = name,
                    ["priority"] = 7 - region,
                    ["electableSpecs"] = Hardware(size, region is 0 ? 3 : 2, disk, volume),
                    ["readOnlySpecs"] = Hardware(size, counts[(zone + region) % 12], disk, volume),
                    ["analyticsSpecs"] = Hardware(analytics, counts[(zone * 3 + region) % 12], disk, volume),
                    ["autoScaling"] = scaling.DeepClone(),
                };
                if (analyticsScaling is not null)
                    config["analyticsAutoScaling"] = analyticsScaling.DeepClone();
                regions.Add(config);
            }
            for (var shard = 0; shard < shardsOfZones[zone]; shard++)
                specs.Add(new JsonObject { ["id"] = $"{specs.Count:x24}", ["zoneId"] = $"{zone:x24}", ["zoneName"] = $"Zone {zone + 1}", ["regionConfigs"] = regions.DeepClone() });
        }
        return specs;
    }

    private static JsonObject Hardware(string size, int nodes, int disk, bool volume)
    {
        var hardware = new JsonObject { ["instanceSize"] = size, ["nodeCount"] = nodes };
        if (disk > 0)
            hardware["diskSizeGB"] = 10 * disk;
        if (volume)
            (hardware["ebsVolumeType"], hardware["diskIOPS"]) = ("PROVISIONED", 3000);
        return hardware;
    }

    private static IEnumerable<JsonNode> Regions(JsonObject described) => described["replicationSpecs"]!.AsArray().SelectMany(s => s!["regionConfigs"]!.AsArray()).OfType<JsonNode>();

    private static List<string?> Ids(JsonObject described) => [.. described["replicationSpecs"]!.AsArray().Select(s => s!["id"]?.GetValue<string>())];
}
