using System.Text;
using System.Text.Json.Nodes;
using Ear.Clusters;
using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Clusters;

/// <summary>The same clusters in every version, as clients of each age ask for them.</summary>
public sealed class ClusterVersionTests
{
    private const string Legacy = "2023-01-01";
    private const string Advanced = "2023-02-01";
    private const string Newest = "2024-08-05";
    private const string Latest = "2024-10-23";

    /// <summary>As Terraform's old mongodbatlas_cluster creates one.</summary>
    private const string LegacyOrders =
        """
        {"name":"orders","clusterType":"REPLICASET","numShards":1,"replicationFactor":3,"diskSizeGB":20,"providerBackupEnabled":false,"autoScaling":{"compute":{"enabled":false},"diskGBEnabled":false},
         "providerSettings":{"providerName":"AWS","instanceSizeName":"M10","regionName":"US_EAST_1","diskIOPS":3000,"volumeType":"STANDARD","encryptEBSVolume":true},
         "replicationSpecs":[{"numShards":1,"zoneName":"Zone 1","regionsConfig":{"US_EAST_1":{"electableNodes":3,"priority":7,"readOnlyNodes":0,"analyticsNodes":0}}}]}
        """;

    private const string AdvancedOrders =
        """
        {"name":"orders","clusterType":"REPLICASET","diskSizeGB":20,"backupEnabled":false,
         "replicationSpecs":[{"numShards":1,"regionConfigs":[{"providerName":"AWS","regionName":"US_EAST_1","priority":7,"electableSpecs":{"instanceSize":"M10","nodeCount":3,"diskIOPS":3000,"ebsVolumeType":"STANDARD"}}]}]}
        """;

    private const string NewestOrders =
        """
        {"name":"orders","clusterType":"REPLICASET",
         "replicationSpecs":[{"regionConfigs":[{"providerName":"AWS","regionName":"US_EAST_1","priority":7,
           "electableSpecs":{"instanceSize":"M10","nodeCount":3,"diskSizeGB":20,"diskIOPS":3000,"ebsVolumeType":"STANDARD"}}]}]}
        """;

    [Theory]
    [InlineData(Legacy, LegacyOrders, "LegacyAtlasCluster")]
    [InlineData(Advanced, AdvancedOrders, "AdvancedClusterDescription")]
    [InlineData(Newest, NewestOrders, "ClusterDescription20240805")]
    [InlineData(Latest, NewestOrders, "ClusterDescription20240805")]
    public async Task A_cluster_made_in_any_version_is_the_same_cluster_and_reads_in_every_version(string version, string body, string schema)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();

        var created = await SendAsync(owner, HttpMethod.Post, $"{doors.Group}/clusters", version, body);

        Assert.Equal((201, $"application/vnd.atlas.{version}+json"), (created.Status, created.Message.Content.Headers.ContentType?.ToString()));
        Assert.Empty(Faults(schema, created.Body!));
        var spec = (await ClusterAsync(doors)).Spec;
        Assert.Equal(("M10", 3), (spec.InstanceSize, spec.ElectableNodes));
        var newest = await owner.GetAsync($"{doors.Group}/clusters/orders", Media(Newest));
        var electable = newest.Body!["replicationSpecs"]![0]!["regionConfigs"]![0]!["electableSpecs"]!;
        Assert.Equal("""{"diskIOPS":3000,"diskSizeGB":20,"ebsVolumeType":"STANDARD","instanceSize":"M10","nodeCount":3}""", electable.ToJsonString());
        var advanced = await owner.GetAsync($"{doors.Group}/clusters/orders", Media(Advanced));
        Assert.Equal(("20", "1"), (advanced.Body!["diskSizeGB"]!.ToJsonString(), advanced.Body["replicationSpecs"]![0]!["numShards"]!.ToJsonString()));
        var legacy = await owner.GetAsync($"{doors.Group}/clusters/orders", Media(Legacy));
        Assert.Equal("""{"US_EAST_1":{"analyticsNodes":0,"electableNodes":3,"readOnlyNodes":0,"priority":7}}""", legacy.Body!["replicationSpecs"]![0]!["regionsConfig"]!.ToJsonString());
        Assert.Equal("M10", legacy.Body["providerSettings"]!["instanceSizeName"]!.GetValue<string>());
        Assert.Empty(Faults("ClusterDescription20240805", newest.Body!).Concat(Faults("AdvancedClusterDescription", advanced.Body!)).Concat(Faults("LegacyAtlasCluster", legacy.Body!)));
    }

    [Theory]
    [InlineData(Legacy, "PaginatedLegacyClusterView")]
    [InlineData(Advanced, "PaginatedAdvancedClusterDescriptionView")]
    [InlineData(Newest, "PaginatedClusterDescription20240805")]
    public async Task A_list_is_in_the_version_asked_for(string version, string schema)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await SendAsync(owner, HttpMethod.Post, $"{doors.Group}/clusters", Latest, NewestOrders);

        var listed = await owner.GetAsync($"{doors.Group}/clusters", Media(version));

        Assert.Equal((200, $"application/vnd.atlas.{version}+json"), (listed.Status, listed.Message.Content.Headers.ContentType?.ToString()));
        Assert.Empty(Faults(schema, listed.Body!));
    }

    [Theory]
    [InlineData(Legacy, """{"providerSettings":{"providerName":"AWS","instanceSizeName":"M30"}}""")]
    [InlineData(Advanced, """{"replicationSpecs":[{"regionConfigs":[{"providerName":"AWS","regionName":"US_EAST_1","priority":7,"electableSpecs":{"instanceSize":"M30"}}]}]}""")]
    [InlineData(Newest, """{"replicationSpecs":[{"regionConfigs":[{"providerName":"AWS","regionName":"US_EAST_1","priority":7,"electableSpecs":{"instanceSize":"M30"}}]}]}""")]
    public async Task A_change_in_any_version_leaves_the_rest_alone(string version, string body)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var before = await SendAsync(owner, HttpMethod.Post, $"{doors.Group}/clusters", Latest, NewestOrders);

        var changed = await SendAsync(owner, HttpMethod.Patch, $"{doors.Group}/clusters/orders", version, body);

        Assert.Equal(200, changed.Status);
        var read = await owner.GetAsync($"{doors.Group}/clusters/orders", Media(Newest));
        Assert.Equal(before.Body!["replicationSpecs"]!.ToJsonString().Replace("M10", "M30"), read.Body!["replicationSpecs"]!.ToJsonString());
    }

    [Theory]
    [InlineData(Legacy)]
    [InlineData(Advanced)]
    [InlineData(Newest)]
    public async Task What_was_read_and_is_sent_back_changes_nothing(string version)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await SendAsync(owner, HttpMethod.Post, $"{doors.Group}/clusters", Latest, NewestOrders);
        var read = await owner.GetAsync($"{doors.Group}/clusters/orders", Media(version));

        Assert.Equal(200, (await SendAsync(owner, HttpMethod.Patch, $"{doors.Group}/clusters/orders", version, read.Body!.ToJsonString())).Status);

        Assert.Equal(1, (await ClusterAsync(doors)).Generation);
    }

    [Fact]
    public async Task A_body_of_one_version_is_answered_in_another()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();

        var created = await SendAsync(owner, HttpMethod.Post, $"{doors.Group}/clusters", Newest, LegacyOrders, Legacy);

        Assert.Equal(201, created.Status);
        Assert.Equal("M10", created.Body!["replicationSpecs"]![0]!["regionConfigs"]![0]!["electableSpecs"]!["instanceSize"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_legacy_body_may_say_its_one_region_and_its_nodes_beside_replicationSpecs()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();

        var created = await SendAsync(owner, HttpMethod.Post, $"{doors.Group}/clusters", Legacy,
            """{"name":"orders","replicationFactor":5,"providerSettings":{"providerName":"AZURE","instanceSizeName":"M10","regionName":"US_EAST_2"}}""");
        var shrunk = await SendAsync(owner, HttpMethod.Patch, $"{doors.Group}/clusters/orders", Legacy, """{"replicationFactor":3}""");

        Assert.Equal((201, 5, 200, 3), (created.Status, created.Body!["replicationFactor"]!.GetValue<int>(), shrunk.Status, shrunk.Body!["replicationFactor"]!.GetValue<int>()));
        Assert.Equal(3, (await ClusterAsync(doors)).Spec.ElectableNodes);
    }

    [Theory]
    [InlineData(Legacy, """{"numShards":2}""", "INVALID_ATTRIBUTE")]
    [InlineData(Legacy, """{"clusterType":"SHARDED","numShards":2}""", "INVALID_ATTRIBUTE")]
    [InlineData(Legacy, """{"numShards":"two","providerSettings":{"instanceSizeName":7}}""", "VALIDATION_ERROR")]
    [InlineData(Legacy, """{"deleteAfterCreationHours":3}""", "INVALID_ATTRIBUTE")]
    [InlineData(Legacy, """{"providerBackupEnabled":true}""", "INVALID_ATTRIBUTE")]
    [InlineData(Legacy, """{"backupEnabled":true}""", "INVALID_ATTRIBUTE")]
    [InlineData(Legacy, """{"autoScaling":{"compute":{"enabled":true}}}""", "INVALID_ATTRIBUTE")]
    [InlineData(Advanced, """{"diskSizeGB":"large"}""", "VALIDATION_ERROR")]
    [InlineData(Advanced, """{"diskSizeGB":5}""", "VALIDATION_ERROR")]
    [InlineData(Advanced, """{"replicationSpecs":[{"numShards":0}]}""", "INVALID_ATTRIBUTE")]
    [InlineData(Advanced, """{"clusterType":"SHARDED","replicationSpecs":[{"numShards":3}]}""", "INVALID_ATTRIBUTE")]
    public async Task What_an_older_version_says_is_refused_as_in_the_newest(string version, string body, string code)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await SendAsync(owner, HttpMethod.Post, $"{doors.Group}/clusters", Latest, NewestOrders);

        (await SendAsync(owner, HttpMethod.Patch, $"{doors.Group}/clusters/orders", version, body)).Refused(400, code);

        Assert.Equal(1, (await ClusterAsync(doors)).Generation);
    }

    [Fact]
    public async Task Members_in_several_regions_of_several_clouds_are_elected_in_the_regions_order()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        const string spread =
            """
            {"name":"orders","clusterType":"REPLICASET","replicationSpecs":[{"regionConfigs":[
              {"providerName":"AWS","regionName":"US_EAST_1","priority":7,"electableSpecs":{"instanceSize":"M10","nodeCount":2}},
              {"providerName":"GCP","regionName":"CENTRAL_US","priority":6,"electableSpecs":{"instanceSize":"M10","nodeCount":2}},
              {"providerName":"AZURE","regionName":"US_EAST_2","priority":5,"electableSpecs":{"instanceSize":"M10","nodeCount":1}}]}]}
            """;

        Assert.Equal(201, (await SendAsync(owner, HttpMethod.Post, $"{doors.Group}/clusters", Latest, spread)).Status);

        var spec = (await ClusterAsync(doors)).Spec;
        Assert.Equal([7, 7, 6, 6, 5], Enumerable.Range(0, spec.ElectableNodes).Select(spec.PriorityOf));
        var grown = spread.Replace("\"nodeCount\":1", "\"nodeCount\":3");
        Assert.Equal(200, (await SendAsync(owner, HttpMethod.Patch, $"{doors.Group}/clusters/orders", Latest, grown)).Status);
        (await SendAsync(owner, HttpMethod.Patch, $"{doors.Group}/clusters/orders", Latest, spread.Replace("\"priority\":7,\"electableSpecs\":{\"instanceSize\":\"M10\",\"nodeCount\":2}", "\"priority\":7,\"electableSpecs\":{\"instanceSize\":\"M10\",\"nodeCount\":4}")))
            .Refused(400, "INVALID_ATTRIBUTE");
        (await SendAsync(owner, HttpMethod.Patch, $"{doors.Group}/clusters/orders", Legacy, """{"providerSettings":{"instanceSizeName":"M30"}}""")).Refused(400, "INVALID_ATTRIBUTE");
        Assert.Equal(["AWS", "AZURE", "GCP"], (await owner.GetAsync($"{doors.Group}/containers/all", Doors.Json)).Body!["results"]!.AsArray().Select(c => c!["providerName"]!.GetValue<string>()));
    }

    private static string Media(string version) => $"application/vnd.atlas.{version}+json";

    /// <summary>Atlas answers readPreference in lower case, against its own schema (recorded, spec atlas-ear §2.3).</summary>
    private static IEnumerable<string> Faults(string schema, JsonNode body)
        => (AtlasSchema.Find()?.Faults(schema, body) ?? []).Where(f => !f.Contains("biConnector.readPreference"));

    private static async Task<Answer> SendAsync(HttpClient client, HttpMethod method, string path, string version, string body, string? bodyVersion = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body, Encoding.UTF8) };
        request.Headers.TryAddWithoutValidation("Accept", Media(version));
        request.Content.Headers.ContentType = new(Media(bodyVersion ?? version));
        var message = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return new Answer((int)message.StatusCode, JsonNode.Parse(await message.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)), message);
    }

    private static async Task<Cluster> ClusterAsync(Doors doors)
        => (await doors.Store.FindAsync(doors.First.ProjectId, ClusterName.Parse("orders", null), TestContext.Current.CancellationToken))!.Document;
}
