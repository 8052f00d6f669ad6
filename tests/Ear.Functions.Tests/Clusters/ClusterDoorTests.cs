using System.Text.Json.Nodes;
using Ear.Clusters;
using Ear.CustomerKeys;
using Ear.Functions.Tests.Http.World;
using Ear.Nodes;

namespace Ear.Functions.Tests.Clusters;

public sealed class ClusterDoorTests
{
    [Fact]
    public async Task A_new_cluster_is_described_in_full_and_its_wish_recorded()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();

        var created = await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Orders("""
            "tags":[{"key":"team","value":"shop"}],"mongoDBMajorVersion":"8.0"
            """));

        Assert.Equal(201, created.Status);
        Assert.Equal("application/vnd.atlas.2024-10-23+json", created.Message.Content.Headers.ContentType?.ToString());
        var body = created.Body!;
        Assert.Equal(("CREATING", "NONE", "orders"), (created.Text("stateName"), created.Text("encryptionAtRestProvider"), created.Text("name")));
        Assert.Empty(body["connectionStrings"]!.AsObject());
        var region = body["replicationSpecs"]![0]!["regionConfigs"]![0]!;
        Assert.Equal((3, 0, 0), (region["electableSpecs"]!["nodeCount"]!.GetValue<int>(), region["readOnlySpecs"]!["nodeCount"]!.GetValue<int>(), region["analyticsSpecs"]!["nodeCount"]!.GetValue<int>()));
        Assert.Equal("shop", body["tags"]![0]!["value"]!.GetValue<string>());
        Assert.EndsWith("/clusters/orders", body["links"]![0]!["href"]!.GetValue<string>());
        Assert.Equal(["CLUSTER_CREATED"], await doors.EventsAsync());
        Assert.Single(doors.Woken);
        var read = await owner.GetAsync($"{doors.Group}/clusters/orders", Doors.Json);
        Assert.True(JsonNode.DeepEquals(Without(body, "links"), Without(read.Body!, "links")));
        var listed = await owner.GetAsync($"{doors.Group}/clusters", Doors.Json);
        Assert.Equal((1, "orders"), (listed.Body!["totalCount"]!.GetValue<int>(), listed.Body["results"]![0]!["name"]!.GetValue<string>()));
    }

    [Fact]
    public async Task An_update_only_records_the_wish_and_leaves_the_rest_alone()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Orders());
        await ReachAsync(doors);

        var updated = await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/clusters/orders",
            """{"replicationSpecs":[{"regionConfigs":[{"electableSpecs":{"instanceSize":"M20"}}]}]}""");

        Assert.Equal((200, "UPDATING"), (updated.Status, updated.Text("stateName")));
        var region = updated.Body!["replicationSpecs"]![0]!["regionConfigs"]![0]!;
        Assert.Equal(("M20", "US_EAST_1", 3), (region["electableSpecs"]!["instanceSize"]!.GetValue<string>(), region["regionName"]!.GetValue<string>(), region["electableSpecs"]!["nodeCount"]!.GetValue<int>()));
        Assert.Equal("PENDING", (await owner.GetAsync($"{doors.Group}/clusters/orders/status", Doors.Json)).Text("changeStatus"));
        Assert.Equal(2, (await ClusterAsync(doors)).Generation);
        Assert.Equal("M20", (await ClusterAsync(doors)).Spec.InstanceSize);
    }

    [Fact]
    public async Task A_wish_that_is_already_so_changes_nothing()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var created = await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Orders());
        await ReachAsync(doors);

        var same = await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/clusters/orders", created.Body!.ToJsonString());

        Assert.Equal((200, "IDLE"), (same.Status, same.Text("stateName")));
        Assert.Equal(1, (await ClusterAsync(doors)).Generation);
        Assert.Equal(["CLUSTER_CREATED"], await doors.EventsAsync());
    }

    [Fact]
    public async Task Connection_strings_name_the_members_once_the_cluster_came_up()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Orders());
        var cluster = await ReachAsync(doors);
        for (var i = 0; i < 3; i++)
        {
            var goal = new NodeGoal(1, 1, WantedProcess.Running, EncryptionMode.None, "M10", cluster.ReplicaSetName, GoalVerdict.None, null);
            await doors.Store.SaveAsync(new Node(NodeId.FromValid($"{i}".PadLeft(24, '0')), cluster.ProjectId, cluster.Ref, i, goal) { HostPort = $"127.0.0.1:2701{i}" }, 0, [], default);
        }

        var read = await owner.GetAsync($"{doors.Group}/clusters/orders", Doors.Json);

        Assert.Equal($"mongodb://127.0.0.1:27010,127.0.0.1:27011,127.0.0.1:27012/?replicaSet={cluster.ReplicaSetName}", read.Body!["connectionStrings"]!["standard"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{"clusterType":"SHARDED"}""", "INVALID_ATTRIBUTE", "clusterType")]
    [InlineData("""{"backupEnabled":true}""", "INVALID_ATTRIBUTE", "backupEnabled")]
    [InlineData("""{"mongoDBMajorVersion":"4.4"}""", "INVALID_ATTRIBUTE", "mongoDBMajorVersion")]
    [InlineData("""{"replicationSpecs":[{},{}]}""", "INVALID_ATTRIBUTE", "replicationSpecs")]
    [InlineData("""{"clusterType":"SHARDED","replicationSpecs":[{},{"regionConfigs":[{"providerName":"AWS","regionName":"US_EAST_1","electableSpecs":{"instanceSize":"M10"}}]}]}""", "INVALID_ATTRIBUTE", "clusterType")]
    [InlineData("""{"clusterType":"ROUND"}""", "INVALID_ATTRIBUTE", "clusterType")]
    [InlineData("""{"replicationSpecs":[{"regionConfigs":[{},{}]}]}""", "MISSING_ATTRIBUTE", "replicationSpecs[0].regionConfigs[1].providerName")]
    [InlineData("""{"replicationSpecs":[{"regionConfigs":[{"priority":6}]}]}""", "INVALID_ATTRIBUTE", "replicationSpecs[0].regionConfigs[0].priority")]
    [InlineData("""{"replicationSpecs":[{"regionConfigs":[{"autoScaling":{"compute":{"enabled":true}}}]}]}""", "INVALID_ATTRIBUTE", "replicationSpecs[0].regionConfigs[0].autoScaling.compute.enabled")]
    [InlineData("""{"replicationSpecs":[{"regionConfigs":[{"autoScaling":{"compute":{"minInstanceSize":"M30","maxInstanceSize":"M10"}}}]}]}""", "INVALID_ATTRIBUTE", "replicationSpecs[0].regionConfigs[0].autoScaling.compute.minInstanceSize")]
    [InlineData("""{"replicationSpecs":[{"regionConfigs":[{"electableSpecs":{"ebsVolumeType":"FLOPPY"}}]}]}""", "INVALID_ATTRIBUTE", "replicationSpecs[0].regionConfigs[0].electableSpecs.ebsVolumeType")]
    [InlineData("""{"replicationSpecs":[{"regionConfigs":[{"providerName":"GCP","electableSpecs":{"diskIOPS":3000}}]}]}""", "INVALID_ATTRIBUTE", "replicationSpecs[0].regionConfigs[0].electableSpecs.diskIOPS")]
    [InlineData("""{"replicationSpecs":[{"regionConfigs":[{"electableSpecs":{"instanceSize":"M90"}}]}]}""", "INVALID_ATTRIBUTE", "replicationSpecs[0].regionConfigs[0].electableSpecs.instanceSize")]
    [InlineData("""{"replicationSpecs":[{"regionConfigs":[{"electableSpecs":{"nodeCount":2.5},"priority":"high"}]}]}""", "VALIDATION_ERROR", "replicationSpecs[0].regionConfigs[0].electableSpecs.nodeCount")]
    [InlineData("""{"replicationSpecs":[{"regionConfigs":[{"electableSpecs":{"nodeCount":4}}]}]}""", "INVALID_ATTRIBUTE", "replicationSpecs[0].regionConfigs[0].electableSpecs.nodeCount")]
    [InlineData("""{"replicationSpecs":[{"regionConfigs":[{"readOnlySpecs":{"nodeCount":1}}]}]}""", "INVALID_ATTRIBUTE", "replicationSpecs[0].regionConfigs[0].readOnlySpecs.nodeCount")]
    [InlineData("""{"replicationSpecs":[{"regionConfigs":[{"electableSpecs":{"instanceSize":"M11"}}]}]}""", "INVALID_ATTRIBUTE", "replicationSpecs[0].regionConfigs[0].electableSpecs.instanceSize")]
    [InlineData("""{"replicationSpecs":[{"regionConfigs":[{"electableSpecs":{"instanceSize":7}}]}]}""", "VALIDATION_ERROR", "replicationSpecs[0].regionConfigs[0].electableSpecs.instanceSize")]
    [InlineData("""{"paused":"no"}""", "VALIDATION_ERROR", "paused")]
    [InlineData("""{"tags":[{"key":"a"}]}""", "VALIDATION_ERROR", "tags[0]")]
    [InlineData("""{"encryptionAtRestProvider":"ORACLE"}""", "INVALID_ENCRYPTION_AT_REST_PROVIDER", null)]
    [InlineData("""{"encryptionAtRestProvider":"AWS"}""", "ENCRYPTION_AT_REST_NOT_ENABLED", null)]
    [InlineData("""{"encryptionAtRestProvider":"GCP"}""", "ENCRYPTION_AT_REST_NOT_ENABLED", null)]
    public async Task What_the_fleet_cannot_run_is_refused_by_name_and_changes_nothing(string body, string code, string? field)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Orders());
        var before = await ClusterAsync(doors);

        var answer = await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/clusters/orders", body);

        answer.Refused(400, code);
        if (field is not null)
            Assert.Equal(field, answer.Body!["badRequestDetail"]!["fields"]![0]!["field"]!.GetValue<string>());
        Assert.Equal((before.Generation, before.Spec.InstanceSize), ((await ClusterAsync(doors)).Generation, (await ClusterAsync(doors)).Spec.InstanceSize));
        Assert.Equal(["CLUSTER_CREATED"], await doors.EventsAsync());
    }

    [Fact]
    public async Task Customer_keys_are_not_for_shared_clusters()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);

        var answer = await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Orders("\"encryptionAtRestProvider\":\"AWS\"").Replace("M10", "M0"));

        answer.Refused(400, "CANNOT_USE_ENCRYPTION_AT_REST_TENANT");
    }

    [Fact]
    public async Task A_provider_in_use_cannot_be_disabled_nor_its_key_changed_nor_its_role_deleted()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var role = await doors.EnableAwsAsync(owner);
        await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Orders("\"encryptionAtRestProvider\":\"AWS\""));

        var refused = await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest", """{"awsKms":{"enabled":false}}""");
        refused.Refused(409, "CANNOT_DISABLE_ENCRYPTION_AT_REST");
        Assert.Equal("orders", refused.Body!["parameters"]![0]![0]!.GetValue<string>());
        (await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest", """{"awsKms":{"customerMasterKeyID":"11111111-2222-3333-4444-555555555556"}}""")).Refused(400, "INVALID_ATTRIBUTE");
        (await owner.SendJsonAsync(HttpMethod.Delete, $"{doors.Group}/cloudProviderAccess/AWS/{role}", null)).Refused(400, "AWS_IAM_ROLE_IN_USE");
        (await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/clusters/orders", """{"encryptionAtRestProvider":"AZURE"}""")).Refused(409, "CANNOT_CHANGE_ENCRYPTION_AT_REST_PROVIDER");
    }

    [Fact]
    public async Task A_cluster_that_has_not_finished_leaving_a_provider_still_uses_it()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);
        await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Orders("\"encryptionAtRestProvider\":\"AWS\""));
        var cluster = await ReachAsync(doors);
        var goal = new NodeGoal(1, 1, WantedProcess.Running, EncryptionMode.Aes256Gcm, "M10", cluster.ReplicaSetName, GoalVerdict.Valid, null);
        await doors.Store.SaveAsync(new Node(NodeId.FromValid(new string('0', 24)), cluster.ProjectId, cluster.Ref, 0, goal), 0, [], default);
        await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/clusters/orders", """{"encryptionAtRestProvider":"NONE"}""");
        var off = """{"awsKms":{"enabled":false}}""";

        (await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest", off)).Refused(409, "CANNOT_DISABLE_ENCRYPTION_AT_REST");
        await ReachAsync(doors);
        Assert.Equal(200, (await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/encryptionAtRest", off)).Status);
    }

    [Fact]
    public async Task While_the_key_is_invalid_updates_wait_but_encryption_stays_as_it_is()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);
        await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Orders("\"encryptionAtRestProvider\":\"AWS\""));
        await ReachAsync(doors);
        doors.Kms.Answers(FakeKms.Key, InvalidReason.KeyDisabled);
        await owner.GetAsync($"{doors.Group}/encryptionAtRest", Doors.Json);

        (await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/clusters/orders", """{"encryptionAtRestProvider":"NONE"}""")).Refused(400, "ENCRYPTION_AT_REST_SETTINGS_INVALID");
        var queued = await owner.SendJsonAsync(HttpMethod.Patch, $"{doors.Group}/clusters/orders", """{"replicationSpecs":[{"regionConfigs":[{"electableSpecs":{"instanceSize":"M20"}}]}]}""");
        Assert.Equal(200, queued.Status);
        Assert.Equal("PENDING", (await owner.GetAsync($"{doors.Group}/clusters/orders/status", Doors.Json)).Text("changeStatus"));
    }

    [Fact]
    public async Task A_Cluster_Manager_changes_all_but_the_provider_and_protection_which_are_the_Owners()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        using var manager = await doors.AsAsync("GROUP_CLUSTER_MANAGER");
        using var reader = await doors.AsAsync("GROUP_READ_ONLY");
        using var creator = await doors.AsAsync("GROUP_CLUSTER_CREATOR");
        await doors.EnableAwsAsync(owner);
        (await manager.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Orders())).Refused(403, "ACCESS_FORBIDDEN");
        (await creator.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Orders("\"encryptionAtRestProvider\":\"AWS\""))).Refused(403, "ACCESS_FORBIDDEN");
        Assert.Equal(201, (await creator.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Orders())).Status);
        var path = $"{doors.Group}/clusters/orders";

        (await reader.SendJsonAsync(HttpMethod.Patch, path, """{"tags":[]}""")).Refused(403, "ACCESS_FORBIDDEN");
        Assert.Equal(200, (await manager.SendJsonAsync(HttpMethod.Patch, path, """{"tags":[{"key":"a","value":"b"}],"encryptionAtRestProvider":"NONE"}""")).Status);
        (await manager.SendJsonAsync(HttpMethod.Patch, path, """{"encryptionAtRestProvider":"AWS"}""")).Refused(403, "ACCESS_FORBIDDEN");
        (await manager.SendJsonAsync(HttpMethod.Patch, path, """{"terminationProtectionEnabled":true}""")).Refused(403, "ACCESS_FORBIDDEN");
        (await manager.SendJsonAsync(HttpMethod.Delete, path, null)).Refused(403, "ACCESS_FORBIDDEN");
        Assert.Equal(200, (await owner.SendJsonAsync(HttpMethod.Patch, path, """{"encryptionAtRestProvider":"AWS"}""")).Status);
        Assert.Equal(KeyProvider.Aws, (await ClusterAsync(doors)).Spec.EncryptionAtRestProvider);
    }

    [Fact]
    public async Task A_deletion_is_a_wish_that_cannot_be_taken_back()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Orders("\"terminationProtectionEnabled\":true"));
        var path = $"{doors.Group}/clusters/orders";
        (await owner.SendJsonAsync(HttpMethod.Delete, path, null)).Refused(400, "CANNOT_TERMINATE_CLUSTER_WHEN_TERMINATION_PROTECTION_ENABLED");
        await owner.SendJsonAsync(HttpMethod.Patch, path, """{"terminationProtectionEnabled":false}""");

        var deleted = await owner.SendJsonAsync(HttpMethod.Delete, path, null, "application/vnd.atlas.2023-02-01+json");

        Assert.Equal((202, "{}"), (deleted.Status, deleted.Body!.ToJsonString()));
        Assert.Equal("DELETING", (await owner.GetAsync(path, Doors.Json)).Text("stateName"));
        (await owner.SendJsonAsync(HttpMethod.Delete, path, null)).Refused(400, "CLUSTER_ALREADY_REQUESTED_DELETION");
        (await owner.SendJsonAsync(HttpMethod.Patch, path, """{"tags":[]}""")).Refused(400, "CLUSTER_ALREADY_REQUESTED_DELETION");
    }

    [Fact]
    public async Task A_cluster_that_is_not_there_is_named_with_its_project()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();

        var answer = await owner.GetAsync($"{doors.Group}/clusters/none", Doors.Json);

        answer.Refused(404, "CLUSTER_NOT_FOUND");
        Assert.Equal(["none", doors.First.ProjectId.Value], answer.Body!["parameters"]!.AsArray().Select(p => p!.GetValue<string>()));
        Assert.Equal("Not Found", answer.Text("reason"));
    }

    [Theory]
    [InlineData("-orders", "CLUSTER_NAME_INVALID")]
    [InlineData("taken", "DUPLICATE_CLUSTER_NAME")]
    public async Task A_name_is_valid_and_new(string name, string code)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Orders().Replace("orders", "taken"));

        (await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Orders().Replace("orders", name))).Refused(400, code);
    }

    private static string Orders(string more = "\"backupEnabled\":false")
        => $$$"""
           {"name":"orders","clusterType":"REPLICASET",{{{more}}},"replicationSpecs":[{"regionConfigs":[
             {"providerName":"AWS","regionName":"US_EAST_1","priority":7,"electableSpecs":{"instanceSize":"M10","nodeCount":3}}]}]}
           """;

    private static async Task<Cluster> ClusterAsync(Doors doors)
        => (await doors.Store.FindAsync(doors.First.ProjectId, ClusterName.Parse("orders", null), TestContext.Current.CancellationToken))!.Document;

    /// <summary>As the reconciliation leaves it when nothing is left to do.</summary>
    private static async Task<Cluster> ReachAsync(Doors doors)
    {
        var stored = (await doors.Store.FindAsync(doors.First.ProjectId, ClusterName.Parse("orders", null), TestContext.Current.CancellationToken))!;
        var reached = stored.Document with { AchievedGeneration = stored.Document.Generation, State = ClusterState.Idle };
        await doors.Store.SaveAsync(reached, stored.Version, [], TestContext.Current.CancellationToken);
        return reached;
    }

    private static JsonNode Without(JsonNode node, string field)
    {
        var copy = node.DeepClone().AsObject();
        copy.Remove(field);
        return copy;
    }
}
