using Ear.Clusters;
using Ear.Functions.Tests.Http.World;
using Ear.Nodes;

namespace Ear.Functions.Tests.Clusters;

/// <summary>Process arguments, failover, pause, containers and Flex clusters.</summary>
public sealed class ClusterOperationTests
{
    private const string Older = "application/vnd.atlas.2023-01-01+json";
    private const string Flex = "application/vnd.atlas.2024-11-13+json";

    private const string Orders =
        """{"name":"orders","clusterType":"REPLICASET","replicationSpecs":[{"regionConfigs":[{"providerName":"AWS","regionName":"US_EAST_1","electableSpecs":{"instanceSize":"M10","nodeCount":3}}]}]}""";

    [Fact]
    public async Task Process_arguments_are_all_there_and_only_their_defaults_are_taken()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Orders);
        var path = $"{doors.Group}/clusters/orders/processArgs";

        var newer = await owner.GetAsync(path, Doors.Json);
        var older = await owner.GetAsync(path, Older);
        Assert.Equal((200, 16, 18), (newer.Status, newer.Body!.AsObject().Count, older.Body!.AsObject().Count));
        Assert.Equal(("TLS1_2", true), (newer.Text("minimumEnabledTlsProtocol"), newer.Body["javascriptEnabled"]!.GetValue<bool>()));
        Assert.Empty(AtlasSchema.Find()?.Faults("ClusterDescriptionProcessArgs20240805", newer.Body) ?? []);
        Assert.Empty(AtlasSchema.Find()?.Faults("ClusterDescriptionProcessArgs", older.Body) ?? []);

        Assert.Equal(200, (await owner.SendJsonAsync(HttpMethod.Patch, path, newer.Body.ToJsonString())).Status);
        (await owner.SendJsonAsync(HttpMethod.Patch, path, """{"noTableScan":true}""")).Refused(400, "INVALID_ATTRIBUTE");
        (await owner.SendJsonAsync(HttpMethod.Patch, path, """{"oplogSizeMB":2048}""")).Refused(400, "INVALID_ATTRIBUTE");
        var wrong = await owner.SendJsonAsync(HttpMethod.Patch, path, """{"noTableScan":1,"oplogSizeMB":"x","tlsCipherConfigMode":"DEFAULT"}""");
        wrong.Refused(400, "VALIDATION_ERROR");
        Assert.Equal(2, wrong.Body!["badRequestDetail"]!["fields"]!.AsArray().Count);
        (await owner.GetAsync($"{doors.Group}/clusters/none/processArgs", Doors.Json)).Refused(404, "CLUSTER_NOT_FOUND");
        using var reader = await doors.AsAsync("GROUP_READ_ONLY");
        Assert.Equal(200, (await reader.GetAsync(path, Doors.Json)).Status);
        (await reader.SendJsonAsync(HttpMethod.Patch, path, "{}")).Refused(403, "ACCESS_FORBIDDEN");
    }

    [Fact]
    public async Task A_failover_is_tested_once_at_a_time_and_only_of_a_set_that_is_well()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        using var reader = await doors.AsAsync("GROUP_READ_ONLY");
        await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Orders);
        var path = $"{doors.Group}/clusters/orders/restartPrimaries";
        (await owner.SendJsonAsync(HttpMethod.Post, path)).Refused(400, "CLUSTER_RESTART_INVALID");
        var cluster = await ReachAsync(doors, c => c);
        await MembersAsync(doors, cluster, (_, report) => report);
        (await reader.SendJsonAsync(HttpMethod.Post, path)).Refused(403, "ACCESS_FORBIDDEN");

        var asked = await owner.SendJsonAsync(HttpMethod.Post, path, null, "application/vnd.atlas.2023-02-01+json");

        Assert.Equal((200, "{}"), (asked.Status, asked.Body!.ToJsonString()));
        Assert.Equal(NodeId.FromValid(new string('0', 24)), (await ClusterAsync(doors)).PrimaryToRestart);
        Assert.Contains("TEST_FAILOVER_REQUESTED", await doors.EventsAsync());
        (await owner.SendJsonAsync(HttpMethod.Post, path)).Refused(400, "CLUSTER_RESTART_IN_PROGRESS");
        await ReachAsync(doors, c => c with { PrimaryToRestart = null });
        doors.Time.Advance(TimeSpan.FromMinutes(5));
        (await owner.SendJsonAsync(HttpMethod.Post, path)).Refused(400, "CLUSTER_RESTART_INVALID");
    }

    [Theory]
    [InlineData(1_000L, 49L, true)]
    [InlineData(1_000L, 50L, false)]
    [InlineData(null, 1L, false)]
    public async Task No_failover_is_tested_while_a_members_disk_is_nearly_full(long? total, long free, bool refused)
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Orders);
        await MembersAsync(doors, await ReachAsync(doors, c => c), (i, report) => i is 2 ? report with { DiskTotalBytes = total, DiskFreeBytes = free } : report);

        var answer = await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters/orders/restartPrimaries");

        Assert.Equal(refused ? 400 : 200, answer.Status);
        if (!refused)
            return;
        answer.Refused(400, "CLUSTER_RESTART_INVALID");
        Assert.Contains("less than 5 % of the disk of node 2 is free", answer.Text("detail"));
        Assert.Null((await ClusterAsync(doors)).PrimaryToRestart);
    }

    [Fact]
    public async Task A_cluster_is_paused_and_resumed_by_wishes_that_say_nothing_else()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        var path = $"{doors.Group}/clusters/orders";
        (await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Orders.Replace("\"clusterType\"", "\"paused\":true,\"clusterType\""))).Refused(400, "CANNOT_CREATE_PAUSED_CLUSTER");
        await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Orders);
        (await owner.SendJsonAsync(HttpMethod.Patch, path, """{"paused":true}""")).Refused(409, "CANNOT_PAUSE_CLUSTER_WITH_PENDING_CHANGES");
        await ReachAsync(doors, c => c);
        (await owner.SendJsonAsync(HttpMethod.Patch, path, """{"paused":true,"tags":[{"key":"a","value":"b"}]}""")).Refused(409, "CANNOT_UPDATE_AND_PAUSE_CLUSTER");

        var paused = await owner.SendJsonAsync(HttpMethod.Patch, path, """{"paused":true}""");

        Assert.Equal((200, true, "UPDATING"), (paused.Status, paused.Body!["paused"]!.GetValue<bool>(), paused.Text("stateName")));
        await ReachAsync(doors, c => c);
        (await owner.SendJsonAsync(HttpMethod.Patch, path, """{"paused":true}""")).Refused(409, "CLUSTER_ALREADY_PAUSED");
        (await owner.SendJsonAsync(HttpMethod.Patch, path, """{"tags":[{"key":"a","value":"b"}]}""")).Refused(409, "CANNOT_UPDATE_PAUSED_CLUSTER");
        (await owner.SendJsonAsync(HttpMethod.Post, $"{path}/restartPrimaries")).Refused(400, "CLUSTER_RESTART_INVALID");
        var resumed = await owner.SendJsonAsync(HttpMethod.Patch, path, """{"paused":false}""");
        Assert.Equal((200, false), (resumed.Status, resumed.Body!["paused"]!.GetValue<bool>()));
        await ReachAsync(doors, c => c);
        (await owner.SendJsonAsync(HttpMethod.Patch, path, """{"paused":true}""")).Refused(400, "CANNOT_PAUSE_RECENTLY_RESUMED_CLUSTER");
        doors.Time.Advance(TimeSpan.FromMinutes(61));
        using var later = await doors.OwnerAsync();
        Assert.Equal(200, (await later.SendJsonAsync(HttpMethod.Patch, path, """{"paused":true}""")).Status);
    }

    /// <summary>Three that are well, the first of them primary.</summary>
    private static async Task MembersAsync(Doors doors, Cluster cluster, Func<int, NodeReport, NodeReport> changed)
    {
        for (var i = 0; i < 3; i++)
        {
            var goal = new NodeGoal(1, 1, WantedProcess.Running, EncryptionMode.None, "M10", cluster.ReplicaSetName, GoalVerdict.None, null);
            var report = changed(i, new NodeReport("1", "boot", 1, 1, $"host{i}:27017", new(true, 1, "8.0", i is 0 ? MemberRole.Primary : MemberRole.Secondary, i is 0 ? null : 0, null, []), EncryptionMode.None, null, "M10", GoalVerdict.None));
            await doors.Store.SaveAsync(new Node(NodeId.FromValid($"{i:x24}"), cluster.ProjectId, cluster.Ref, i, goal) { AgentKey = "key", Joined = true, Report = report, HeardAt = doors.Time.GetUtcNow() }, 0, [], default);
        }
    }

    private static async Task<Cluster> ClusterAsync(Doors doors)
        => (await doors.Store.FindAsync(doors.First.ProjectId, ClusterName.Parse("orders", null), TestContext.Current.CancellationToken))!.Document;

    /// <summary>As the reconciliation leaves it when nothing is left to do.</summary>
    private static async Task<Cluster> ReachAsync(Doors doors, Func<Cluster, Cluster> change)
    {
        var stored = (await doors.Store.FindAsync(doors.First.ProjectId, ClusterName.Parse("orders", null), TestContext.Current.CancellationToken))!;
        var reached = change(stored.Document) with { AchievedGeneration = stored.Document.Generation, State = ClusterState.Idle };
        await doors.Store.SaveAsync(reached, stored.Version, [], TestContext.Current.CancellationToken);
        return reached;
    }

    [Fact]
    public async Task Containers_say_where_clusters_live_and_are_not_made_or_changed_here()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        Assert.Equal(0, (await owner.GetAsync($"{doors.Group}/containers", Doors.Json)).Body!["totalCount"]!.GetValue<int>());
        await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Orders);

        var listed = await owner.GetAsync($"{doors.Group}/containers?providerName=AWS", Doors.Json);

        var container = Assert.Single(listed.Body!["results"]!.AsArray())!;
        Assert.Equal(("AWS", "US_EAST_1", true), (container["providerName"]!.GetValue<string>(), container["regionName"]!.GetValue<string>(), container["provisioned"]!.GetValue<bool>()));
        Assert.EndsWith("?includeCount=true&providerName=AWS&pageNum=1&itemsPerPage=100", listed.Body["links"]![0]!["href"]!.GetValue<string>());
        Assert.Empty(AtlasSchema.Find()?.Faults("PaginatedCloudProviderContainerView", listed.Body) ?? []);
        var one = $"{doors.Group}/containers/{container["id"]!.GetValue<string>()}";
        Assert.Equal("US_EAST_1", (await owner.GetAsync(one, Doors.Json)).Text("regionName"));
        Assert.Equal(0, (await owner.GetAsync($"{doors.Group}/containers?providerName=GCP", Doors.Json)).Body!["totalCount"]!.GetValue<int>());
        (await owner.GetAsync($"{doors.Group}/containers?providerName=ORACLE", Doors.Json)).Refused(400, "INVALID_ATTRIBUTE");
        (await owner.GetAsync($"{doors.Group}/containers/{new string('0', 24)}", Doors.Json)).Refused(404, "CLOUD_PROVIDER_CONTAINER_NOT_FOUND");
        (await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/containers", """{"providerName":"AWS","atlasCidrBlock":"10.8.0.0/21"}""")).Refused(400, "INVALID_ATTRIBUTE");
        (await owner.SendJsonAsync(HttpMethod.Patch, one, "{}")).Refused(400, "INVALID_ATTRIBUTE");
        (await owner.SendJsonAsync(HttpMethod.Delete, one)).Refused(400, "INVALID_ATTRIBUTE");
        using var reader = await doors.AsAsync("GROUP_READ_ONLY");
        (await reader.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/containers", "{}")).Refused(403, "ACCESS_FORBIDDEN");
        (await reader.SendJsonAsync(HttpMethod.Patch, one, "{}")).Refused(403, "ACCESS_FORBIDDEN");
        (await reader.SendJsonAsync(HttpMethod.Delete, one)).Refused(403, "ACCESS_FORBIDDEN");
    }

    [Fact]
    public async Task There_are_no_Flex_clusters_and_each_request_is_told_so()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Orders);
        var path = $"{doors.Group}/flexClusters";

        var listed = await owner.GetAsync(path, Flex);

        Assert.Equal((200, 0), (listed.Status, listed.Body!["results"]!.AsArray().Count));
        Assert.Empty(AtlasSchema.Find()?.Faults("PaginatedFlexClusters20241113", listed.Body) ?? []);
        (await owner.GetAsync($"{path}/none", Flex)).Refused(404, "CLUSTER_NOT_FOUND");
        (await owner.GetAsync($"{path}/orders", Flex)).Refused(400, "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API");
        (await owner.SendJsonAsync(HttpMethod.Patch, $"{path}/orders", "{}", Flex)).Refused(400, "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API");
        (await owner.SendJsonAsync(HttpMethod.Delete, $"{path}/none", null, Flex)).Refused(404, "CLUSTER_NOT_FOUND");
        (await owner.SendJsonAsync(HttpMethod.Post, path, """{"name":"small"}""", Flex)).Refused(400, "INVALID_ATTRIBUTE");
        using var reader = await doors.AsAsync("GROUP_READ_ONLY");
        (await reader.SendJsonAsync(HttpMethod.Post, path, "{}", Flex)).Refused(403, "ACCESS_FORBIDDEN");
        (await reader.SendJsonAsync(HttpMethod.Patch, $"{path}/orders", "{}", Flex)).Refused(403, "ACCESS_FORBIDDEN");
        (await reader.SendJsonAsync(HttpMethod.Delete, $"{path}/orders", null, Flex)).Refused(403, "ACCESS_FORBIDDEN");
    }
}
