using System.Text.Json.Nodes;
using Ear.Clusters;
using Ear.Clusters.Specs;
using Ear.Outcomes;
using Ear.Tests.Scenarios;

namespace Ear.Tests.Clusters;

/// <summary>The language of replicationSpecs, whether this fleet runs it or not.</summary>
public sealed class ReplicationSpecTests
{
    private const string Region = """{"providerName":"AWS","regionName":"US_EAST_1","priority":7,"electableSpecs":{"instanceSize":"M30","nodeCount":3,"diskSizeGB":40}}""";

    private readonly CountingIds _ids = new();

    [Theory]
    [InlineData("SHARDED", $$"""[{"regionConfigs":[{{Region}}]},{"regionConfigs":[{{Region}}]}]""")]
    [InlineData("GEOSHARDED", $$"""[{"zoneName":"east","regionConfigs":[{{Region}}]},{"zoneName":"west","regionConfigs":[{{Region}}]}]""")]
    [InlineData("REPLICASET", """[{"regionConfigs":[{"providerName":"AWS","regionName":"A1","priority":7,"electableSpecs":{"instanceSize":"M40_NVME","nodeCount":2},"analyticsSpecs":{"instanceSize":"M30","nodeCount":1}},{"providerName":"AZURE","regionName":"A1","priority":6,"electableSpecs":{"instanceSize":"M40_NVME","nodeCount":1}}]}]""", "instance size of AZURE")]
    [InlineData("REPLICASET", """[{"regionConfigs":[{"providerName":"GCP","regionName":"A1","priority":7,"electableSpecs":{"instanceSize":"R40","nodeCount":3}},{"providerName":"GCP","regionName":"A2","priority":0,"readOnlySpecs":{"instanceSize":"R40","nodeCount":2}}]}]""")]
    [InlineData("REPLICASET", """[{"regionConfigs":[{"providerName":"GCP","regionName":"A1","priority":7,"electableSpecs":{"instanceSize":"R40","nodeCount":3},"readOnlySpecs":{"instanceSize":"R50","nodeCount":2}}]}]""", "must be the same")]
    [InlineData("REPLICASET", """[{"regionConfigs":[{"providerName":"GCP","regionName":"A1","priority":7,"electableSpecs":{"instanceSize":"M30","nodeCount":2}},{"providerName":"GCP","regionName":"A2","priority":5,"electableSpecs":{"instanceSize":"M30","nodeCount":1}}]}]""", "6: regions")]
    [InlineData("REPLICASET", """[{"regionConfigs":[{"providerName":"GCP","regionName":"A1","priority":7,"electableSpecs":{"instanceSize":"M30","nodeCount":2}},{"providerName":"GCP","regionName":"A1","priority":6,"electableSpecs":{"instanceSize":"M30","nodeCount":1}}]}]""", "named twice")]
    [InlineData("REPLICASET", """[{"regionConfigs":[{"providerName":"GCP","regionName":"A1","priority":7,"electableSpecs":{"instanceSize":"M30","nodeCount":2}},{"providerName":"GCP","regionName":"A2","priority":6,"electableSpecs":{"instanceSize":"M30","nodeCount":2}}]}]""", "3, 5 or 7")]
    [InlineData("REPLICASET", $$"""[{"regionConfigs":[{{Region}}]},{"regionConfigs":[{{Region}}]}]""", "one element")]
    [InlineData("SHARDED", $$"""[{"regionConfigs":[{{Region}}]},{"regionConfigs":[{"providerName":"AWS","regionName":"US_EAST_1","electableSpecs":{"diskSizeGB":80,"instanceSize":"M30","nodeCount":3} }]}]""", "diskSizeGB")]
    [InlineData("SHARDED", $$"""[{"zoneName":"","regionConfigs":[{{Region}}]}]""", "1 to 64")]
    public void What_it_may_say(string type, string specs, string? refused = null)
    {
        var problem = new SpecRules(type, wantsEncryption: false).Refused(Merge(specs, "[]"));

        if (refused is null)
            Assert.Null(problem);
        else
            Assert.Contains(refused, Assert.IsType<Problem.InvalidField>(problem).Description);
    }

    [Fact]
    public void An_element_is_known_by_its_id_or_else_by_its_place_and_keeps_what_is_not_said()
    {
        var current = Merge($$"""[{"zoneName":"east","regionConfigs":[{{Region}}]},{"zoneName":"west","regionConfigs":[{{Region}}]}]""", "[]");
        var (first, second) = (current[0]!["id"]!.GetValue<string>(), current[1]!["id"]!.GetValue<string>());

        var swapped = Merge($$"""[{"id":"{{second}}"},{"id":"{{first}}"},{"zoneName":"east","regionConfigs":[{{Region}}]}]""", current.ToJsonString());

        Assert.Equal([second, first], swapped.Take(2).Select(e => e!["id"]!.GetValue<string>()));
        Assert.True(JsonNode.DeepEquals(current[1], swapped[0]));
        Assert.Equal(current[0]!["zoneId"]!.GetValue<string>(), swapped[2]!["zoneId"]!.GetValue<string>());
        Assert.DoesNotContain(swapped[2]!["id"]!.GetValue<string>(), new[] { first, second });
        var placed = Merge("""[{"regionConfigs":[{"electableSpecs":{"instanceSize":"M40"}}]},{}]""", current.ToJsonString());
        Assert.Equal([first, second], placed.Select(e => e!["id"]!.GetValue<string>()));
        Assert.Equal(("M40", 40, "US_EAST_1"), (placed[0]!["regionConfigs"]![0]!["electableSpecs"]!["instanceSize"]!.GetValue<string>(),
            placed[0]!["regionConfigs"]![0]!["electableSpecs"]!["diskSizeGB"]!.Whole(), placed[0]!["regionConfigs"]![0]!["regionName"]!.GetValue<string>()));
    }

    [Fact]
    public void A_region_is_known_by_its_name_wherever_it_is_named()
    {
        var two = """[{"regionConfigs":[{"providerName":"AWS","regionName":"A1","electableSpecs":{"instanceSize":"M30","nodeCount":2,"diskIOPS":3000}},{"providerName":"GCP","regionName":"A2","electableSpecs":{"instanceSize":"M30","nodeCount":1}}]}]""";
        var current = Merge(two, "[]");

        var renamed = Merge("""[{"regionConfigs":[{"regionName":"A2","priority":7},{"regionName":"A1","priority":6}]}]""", current.ToJsonString());

        var regions = renamed[0]!["regionConfigs"]!.AsArray();
        Assert.Equal([("GCP", 1, false), ("AWS", 2, true)], regions.Select(r => (r!["providerName"]!.GetValue<string>(), r["electableSpecs"]!["nodeCount"]!.Whole(), r["electableSpecs"]!["diskIOPS"] is not null)));
    }

    [Fact]
    public void A_new_region_takes_nothing_from_one_that_is_named_elsewhere()
    {
        var current = Merge("""[{"regionConfigs":[{"providerName":"AWS","regionName":"A1","electableSpecs":{"instanceSize":"M30","nodeCount":3,"diskIOPS":3000}}]}]""", "[]");

        var moved = Merge("""[{"regionConfigs":[{"providerName":"AWS","regionName":"A2"},{"regionName":"A1"}]}]""", current.ToJsonString());

        Assert.Equal([0, 3], moved[0]!["regionConfigs"]!.AsArray().Select(r => r!["electableSpecs"]!["nodeCount"]!.Whole()));
    }

    [Fact]
    public void A_shard_that_leaves_its_zone_is_in_a_new_one_and_a_zone_of_one_shard_is_renamed()
    {
        var current = Merge($$"""[{"regionConfigs":[{{Region}}]},{"regionConfigs":[{{Region}}]}]""", "[]");
        string Zone(JsonArray of, int i) => of[i]!["zoneId"]!.GetValue<string>();

        var parted = Merge("""[{},{"zoneName":"west"}]""", current.ToJsonString());

        Assert.Equal(Zone(current, 0), Zone(current, 1));
        Assert.Equal(Zone(current, 0), Zone(parted, 0));
        Assert.NotEqual(Zone(parted, 0), Zone(parted, 1));
        Assert.Equal(Zone(parted, 1), Zone(Merge("""[{},{"zoneName":"far west"}]""", parted.ToJsonString()), 1));
    }

    [Fact]
    public void All_wrong_types_are_told_at_once()
    {
        var faults = new List<FieldFault>();

        ReplicationSpecs.Form.Check("replicationSpecs", JsonNode.Parse("""[{"zoneName":3,"regionConfigs":[{"priority":6.5,"electableSpecs":{"nodeCount":-1,"diskSizeGB":"x"},"autoScaling":{"compute":{"enabled":"yes"}}},null]},7]"""), faults);

        Assert.Equal(
            [
                "replicationSpecs[0].zoneName", "replicationSpecs[0].regionConfigs[0].priority", "replicationSpecs[0].regionConfigs[0].electableSpecs.nodeCount",
                "replicationSpecs[0].regionConfigs[0].electableSpecs.diskSizeGB", "replicationSpecs[0].regionConfigs[0].autoScaling.compute.enabled", "replicationSpecs[0].regionConfigs[1]", "replicationSpecs[1]",
            ],
            faults.Select(f => f.Field));
    }

    [Fact]
    public void A_cluster_described_by_older_rules_is_still_changed_in_other_things()
    {
        var patch = new ClusterSpecPatch(_ids, new ClusterDefaults("8.0"));
        var spec = patch.Create(JsonNode.Parse($$"""{"replicationSpecs":[{"regionConfigs":[{{Region}}]}]}""")!.AsObject()).Value;
        spec.Described["replicationSpecs"]![0]!["regionConfigs"]![0]!["autoScaling"]!["compute"]!["enabled"] = true;

        Assert.Null(patch.Apply(spec, JsonNode.Parse("""{"tags":[{"key":"a","value":"b"}]}""")!.AsObject()).Problem);
        Assert.IsType<Problem.NotRunHere>(patch.Apply(spec, JsonNode.Parse("""{"replicationSpecs":[{}]}""")!.AsObject()).Problem);
    }

    [Fact]
    public void Of_labels_and_tags_only_keys_and_values_are_kept()
    {
        var patch = new ClusterSpecPatch(_ids, new ClusterDefaults("8.0"));
        var body = JsonNode.Parse($$"""{"replicationSpecs":[{"regionConfigs":[{{Region}}]}],"labels":[{"key":"a","value":"b","unknown":[{}]}]}""")!.AsObject();

        Assert.Equal("""[{"key":"a","value":"b"}]""", patch.Create(body).Value.Described["labels"]!.ToJsonString());
    }

    [Fact]
    public void Scaling_of_disks_is_the_machines_matter_and_echoed()
    {
        var patch = new ClusterSpecPatch(_ids, new ClusterDefaults("8.0"));
        var body = JsonNode.Parse($$"""{"replicationSpecs":[{"regionConfigs":[{{Region}}]}]}""")!.AsObject();
        body["replicationSpecs"]![0]!["regionConfigs"]![0]!["autoScaling"] = JsonNode.Parse("""{"diskGB":{"enabled":true}}""");

        Assert.True(patch.Create(body).Value.Described["replicationSpecs"]![0]!["regionConfigs"]![0]!["autoScaling"]!["diskGB"]!["enabled"]!.GetValue<bool>());
    }

    private JsonArray Merge(string sent, string current) => SpecMerge.Merge(JsonNode.Parse(sent)!.AsArray(), JsonNode.Parse(current)!.AsArray(), _ids);
}
