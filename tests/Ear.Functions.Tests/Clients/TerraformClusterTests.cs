using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Clients;

/// <summary>The resources mongodbatlas_advanced_cluster and, older, mongodbatlas_cluster (spec atlas-ear §3.4).</summary>
public sealed class TerraformClusterTests
{
    private const string Path = "/clusters/orders";
    private const string Writing = "2024-10-23";
    private const string Reading = "2024-08-05";
    private const string Deleting = "2023-02-01";

    [Fact]
    public async Task An_advanced_cluster_is_created_read_updated_paused_resumed_and_destroyed()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = await WithAwsAsync(doors);

        Assert.Equal("CREATING", Created(await sdk.PostAsync("/clusters", AtlasSdk.Orders, Writing)).Text("stateName"));
        Assert.Equal("CREATING", await StateAsync(sdk));
        await sdk.ReachAsync();
        Assert.Equal("IDLE", await StateAsync(sdk));
        var containers = await sdk.GetAsync("/containers?providerName=AWS");
        Assert.Equal("US_EAST_1", containers.Body!["results"]![0]!["regionName"]!.GetValue<string>());
        var arguments = (await sdk.GetAsync($"{Path}/processArgs", Reading)).Body!;
        Assert.Equal(("TLS1_2", true), (arguments["minimumEnabledTlsProtocol"]!.GetValue<string>(), arguments["javascriptEnabled"]!.GetValue<bool>()));

        Assert.Equal("UPDATING", (await sdk.PatchAsync(Path, """{"encryptionAtRestProvider":"NONE"}""", Writing)).Text("stateName"));
        await sdk.ReachAsync();
        Assert.Equal("AWS", (await sdk.PatchAsync(Path, """{"encryptionAtRestProvider":"AWS"}""", Writing)).Text("encryptionAtRestProvider"));
        await sdk.ReachAsync();

        Assert.True((await sdk.PatchAsync(Path, """{"paused":true}""", Writing)).Body!["paused"]!.GetValue<bool>());
        await sdk.ReachAsync();
        (await sdk.PatchAsync(Path, """{"tags":[{"key":"team","value":"shop"}],"replicationSpecs":[{"regionConfigs":[{"electableSpecs":{"instanceSize":"M20"}}]}]}""", Writing)).Refused(409, "CANNOT_UPDATE_PAUSED_CLUSTER");
        (await sdk.PatchAsync(Path, """{"encryptionAtRestProvider":"NONE"}""", Writing)).Refused(409, "CANNOT_UPDATE_PAUSED_CLUSTER");
        (await sdk.PatchAsync(Path, """{"paused":true}""", Writing)).Refused(409, "CLUSTER_ALREADY_PAUSED");
        Assert.False((await sdk.PatchAsync(Path, """{"paused":false}""", Writing)).Body!["paused"]!.GetValue<bool>());
        await sdk.ReachAsync();

        (await sdk.PatchAsync(Path, """{"paused":true,"tags":[{"key":"team","value":"shop"}]}""", Writing)).Refused(409, "CANNOT_UPDATE_AND_PAUSE_CLUSTER");

        var deleted = await sdk.DeleteAsync(Path, Deleting);
        Assert.Equal((202, "{}"), (deleted.Status, deleted.Body!.ToJsonString()));
        Assert.Equal("DELETING", await StateAsync(sdk));
        await sdk.GoneAsync();
        var gone = await sdk.GetAsync(Path, Reading);
        gone.Refused(404, "CLUSTER_NOT_FOUND");
        Assert.Equal($"""["orders","{doors.First.ProjectId}"]""", gone.Body!["parameters"]!.ToJsonString());
        Assert.Equal("Not Found", gone.Text("reason"));
    }

    [Fact]
    public async Task The_provider_goes_by_NONE_and_by_no_other_way()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = await WithAwsAsync(doors);
        (await sdk.PostAsync("/clusters", AtlasSdk.Orders.Replace("\"AWS\",\"replicationSpecs\"", "\"GCP\",\"replicationSpecs\""), Writing)).Refused(400, "ENCRYPTION_AT_REST_NOT_ENABLED");
        Created(await sdk.PostAsync("/clusters", AtlasSdk.Orders, Writing));
        await sdk.ReachAsync();

        (await sdk.PatchAsync(Path, """{"encryptionAtRestProvider":"AZURE"}""", Writing)).Refused(409, "CANNOT_CHANGE_ENCRYPTION_AT_REST_PROVIDER");
        Assert.Equal("AWS", (await sdk.GetAsync(Path, Reading)).Text("encryptionAtRestProvider"));
    }

    [Fact]
    public async Task The_plural_data_source_reads_all_pages_and_the_flex_clusters()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = await WithAwsAsync(doors);
        foreach (var name in (string[])["orders", "billing", "stock"])
            Created(await sdk.PostAsync("/clusters", AtlasSdk.Orders.Replace("orders", name), Writing));
        var names = new List<string>();

        for (var page = 1; names.Count < 3; page++)
        {
            var answer = (await sdk.GetAsync($"/clusters?includeCount=true&itemsPerPage=2&pageNum={page}", Reading)).Body!;
            Assert.Equal(3, answer["totalCount"]!.GetValue<int>());
            names.AddRange(answer["results"]!.AsArray().Select(c => c!["name"]!.GetValue<string>()));
            Assert.NotEmpty(answer["results"]!.AsArray());
        }

        Assert.Equal(["billing", "orders", "stock"], names.Order());
        Assert.Empty((await sdk.GetAsync("/flexClusters", "2024-11-13")).Body!["results"]!.AsArray());
    }

    [Fact]
    public async Task The_old_cluster_resource_works_in_the_first_shapes()
    {
        await using var doors = await Doors.OpenAsync();
        using var sdk = await WithAwsAsync(doors);

        var created = Created(await sdk.PostAsync("/clusters", """
            {"name":"orders","clusterType":"REPLICASET","encryptionAtRestProvider":"AWS","providerBackupEnabled":false,"autoScaling":{"compute":{"enabled":false},"diskGBEnabled":false},
             "providerSettings":{"providerName":"AWS","instanceSizeName":"M10","regionName":"US_EAST_1"},
             "replicationSpecs":[{"numShards":1,"zoneName":"Zone 1","regionsConfig":{"US_EAST_1":{"electableNodes":3,"priority":7,"readOnlyNodes":0,"analyticsNodes":0}}}]}
            """));
        await sdk.ReachAsync();
        var read = await sdk.GetAsync(Path);

        Assert.Equal(("IDLE", "AWS", created.Text("id")), (read.Text("stateName"), read.Text("encryptionAtRestProvider"), read.Text("id")));
        Assert.Equal("M10", read.Body!["providerSettings"]!["instanceSizeName"]!.GetValue<string>());
        var updated = await sdk.PatchAsync(Path, """{"encryptionAtRestProvider":"NONE","providerSettings":{"providerName":"AWS","instanceSizeName":"M20","regionName":"US_EAST_1"}}""");
        Assert.Equal((200, "NONE", "M20"), (updated.Status, updated.Text("encryptionAtRestProvider"), updated.Body!["providerSettings"]!["instanceSizeName"]!.GetValue<string>()));
        Assert.Equal(202, (await sdk.DeleteAsync(Path)).Status);
    }

    private static async Task<AtlasSdk> WithAwsAsync(Doors doors)
    {
        using var owner = await doors.OwnerAsync();
        await doors.EnableAwsAsync(owner);
        return AtlasSdk.WithKey(doors);
    }

    private static Answer Created(Answer answer)
    {
        Assert.True(answer.Status == 201, answer.Status >= 400 ? AtlasSdk.ErrorText(answer) : answer.Status.ToString());
        return answer;
    }

    private static async Task<string> StateAsync(AtlasSdk sdk) => (await sdk.GetAsync(Path, Reading)).Text("stateName");
}
