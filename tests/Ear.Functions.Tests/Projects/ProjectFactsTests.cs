using Ear.Clusters;
using Ear.Functions.Projects;
using Ear.Functions.Tests.Http.World;
using Ear.Nodes;

namespace Ear.Functions.Tests.Projects;

/// <summary>Limits, switches and addresses.</summary>
public sealed class ProjectFactsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Limits_are_those_that_hold()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        await doors.AuthorizedRoleAsync(owner);

        var limits = (await owner.GetAsync($"{doors.Group}/limits", Doors.Json)).Body!.AsArray();

        var roles = limits.Single(l => l!["name"]!.GetValue<string>() == "ear.project.cloudProviderAccess.roles")!;
        Assert.Equal((100, 1, 100), (roles["value"]!.GetValue<int>(), roles["currentUsage"]!.GetValue<int>(), roles["maximumLimit"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Switches_of_what_Ear_does_not_have_are_off_and_stay_off()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        using var manager = await doors.AsAsync("GROUP_CLUSTER_MANAGER");
        var path = $"{doors.Group}/settings";

        Assert.All((await manager.GetAsync(path, Doors.Json)).Body!.AsObject(), flag => Assert.False(flag.Value!.GetValue<bool>()));
        Assert.Equal(200, (await owner.SendJsonAsync(HttpMethod.Patch, path, """{"isDataExplorerEnabled":false}""")).Status);
        (await owner.SendJsonAsync(HttpMethod.Patch, path, """{"isDataExplorerEnabled":true}""")).Refused(400, "INVALID_ATTRIBUTE");
        (await owner.SendJsonAsync(HttpMethod.Patch, path, """{"isDataExplorerEnabled":"yes"}""")).Refused(400, "VALIDATION_ERROR");
        (await manager.SendJsonAsync(HttpMethod.Patch, path, """{"isDataExplorerEnabled":false}""")).Refused(403, "ACCESS_FORBIDDEN");
    }

    [Fact]
    public async Task Addresses_are_those_that_agents_report_without_names_and_removed_nodes()
    {
        await using var doors = await Doors.OpenAsync();
        using var reader = await doors.AsAsync("GROUP_READ_ONLY");
        var cluster = new Cluster(ClusterId.FromValid(new string('1', 24)), doors.First.ProjectId, ClusterName.Parse("orders", null), doors.Time.GetUtcNow(), new ClusterSpec(null, "M10", 3));
        await doors.Store.SaveAsync(cluster, 0, [], Cancellation);
        string?[] places = ["10.0.0.1:27017", "[2001:db8::1]:27017", "db.example.com:27017", null, "10.0.0.5:27017"];
        for (var n = 0; n < places.Length; n++)
        {
            var node = new Node(NodeId.FromValid($"{n:x24}"), cluster.ProjectId, cluster.Ref, n, new NodeGoal(1, 1, WantedProcess.Running, EncryptionMode.None, "M10", cluster.ReplicaSetName, GoalVerdict.None, null)) { HostPort = places[n], Removed = n == 4 };
            await doors.Store.SaveAsync(node, 0, [], Cancellation);
        }

        var services = (await reader.GetAsync($"{doors.Group}/ipAddresses", Doors.Json)).Body!["services"]!["clusters"]![0]!;

        Assert.Equal("orders", services["clusterName"]!.GetValue<string>());
        Assert.Equal("""["10.0.0.1","2001:db8::1"]""", services["outbound"]!.ToJsonString());
        Assert.Equal(services["outbound"]!.ToJsonString(), services["inbound"]!.ToJsonString());
        Assert.Equal("[]", services["futureOutbound"]!.ToJsonString());
    }

    [Fact]
    public async Task Ears_own_addresses_are_told_to_anybody_as_they_were_set()
    {
        await using var doors = await Doors.OpenAsync(new Dictionary<string, string?> { ["Ear:ControlPlane:Outbound:aws:us-east-1"] = "192.0.2.1/32, 192.0.2.2/32", ["Ear:ControlPlane:Outbound:aws:eu_west_1"] = "192.0.2.3/32", ["Ear:ControlPlane:Outbound:aws:eu-west-2"] = "" });
        using var anybody = doors.Anonymous();

        var told = await anybody.GetAsync("/api/atlas/v2/unauth/controlPlaneIPAddresses", Doors.Json);

        Assert.Equal("""{"aws":{"eu-west-1":["192.0.2.3/32"],"us-east-1":["192.0.2.1/32","192.0.2.2/32"]},"azure":{},"gcp":{}}""", told.Body!["outbound"]!.ToJsonString());
        Assert.Equal("""{"aws":{},"azure":{},"gcp":{}}""", told.Body["inbound"]!.ToJsonString());
        Assert.Equal("application/vnd.atlas.2023-11-15+json", told.Message.Content.Headers.ContentType?.ToString());
        (await anybody.GetAsync("/api/atlas/v2/unauth/controlPlaneIPAddresses", "application/vnd.atlas.2023-01-01+json")).Refused(406, "INVALID_VERSION_DATE");
    }

    [Theory]
    [InlineData("ibm", "192.0.2.1/32", "no cloud")]
    [InlineData("aws", "192.0.2.1/33", "no range")]
    [InlineData("aws", "example.com", "no range")]
    public void Addresses_that_are_none_are_found_at_the_start(string cloud, string range, string fault)
        => Assert.Contains(fault, new ControlPlaneOptionsFaults().Validate(null, new() { Inbound = new() { [cloud] = new() { ["somewhere"] = range } } }).FailureMessage, StringComparison.Ordinal);

    [Fact]
    public void A_region_that_is_set_in_both_spellings_is_found_at_the_start()
        => Assert.Contains("us-east-1 twice: us-east-1 and us_east_1", new ControlPlaneOptionsFaults().Validate(null, new() { Inbound = new() { ["aws"] = new() { ["us-east-1"] = "", ["us_east_1"] = "" } } }).FailureMessage, StringComparison.Ordinal);

    [Fact]
    public async Task An_access_list_is_not_pretended()
    {
        await using var doors = await Doors.OpenAsync();
        using var owner = await doors.OwnerAsync();
        using var manager = await doors.AsAsync("GROUP_CLUSTER_MANAGER");
        var path = $"{doors.Group}/accessList";

        (await owner.GetAsync(path, Doors.Json)).Refused(403, "FEATURE_UNSUPPORTED");
        (await owner.SendJsonAsync(HttpMethod.Post, path, """[{"ipAddress":"192.0.2.1"}]""")).Refused(403, "FEATURE_UNSUPPORTED");
        (await owner.SendJsonAsync(HttpMethod.Delete, $"{path}/192.0.2.1")).Refused(403, "FEATURE_UNSUPPORTED");
        (await manager.SendJsonAsync(HttpMethod.Post, path, "[]")).Refused(403, "ACCESS_FORBIDDEN");
    }

    [Fact]
    public async Task A_caller_learns_its_own_address()
    {
        await using var doors = await Doors.OpenAsync();
        using var client = await doors.AsAsync();
        using var anybody = doors.Anonymous();

        Assert.Equal("127.0.0.1", (await client.SendJsonAsync(HttpMethod.Get, "/api/private/ipinfo", null, "application/json")).Text("currentIpv4Address"));
        (await anybody.SendJsonAsync(HttpMethod.Get, "/api/private/ipinfo", null, null)).Refused(401, "USER_UNAUTHORIZED");
    }

    [Fact]
    public async Task The_system_says_as_whom_it_knows_the_caller()
    {
        await using var doors = await Doors.OpenAsync();
        using var key = doors.WithKey();
        using var account = await doors.OwnerAsync();

        var status = await key.GetAsync("/api/atlas/v2", Doors.Json);
        Assert.Equal(doors.First.PublicKey, status.Body!["apiKey"]!["publicKey"]!.GetValue<string>());
        Assert.Contains(status.Body["apiKey"]!["roles"]!.AsArray(), r => r!["roleName"]!.GetValue<string>() == "GROUP_OWNER" && r["groupId"]!.GetValue<string>() == doors.First.ProjectId.Value);
        Assert.Null((await account.GetAsync("/api/atlas/v2", Doors.Json)).Body!["apiKey"]);
    }

    [Theory]
    [InlineData(ProjectOptions.Section, typeof(ProjectOptions))]
    public void The_sample_settings_name_every_setting_with_its_default(string section, Type options)
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "local.settings.sample.json")))
            at = at.Parent!;
        var values = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(Path.Combine(at.FullName, "local.settings.sample.json")))!["Values"]!.AsObject();
        var prefix = section.Replace(":", "__", StringComparison.Ordinal) + "__";
        var byDefault = Activator.CreateInstance(options);

        var named = values.Where(v => v.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(v => v.Key[prefix.Length..], v => v.Value!.GetValue<string>());

        Assert.Equal(options.GetProperties().Where(p => p.CanWrite).ToDictionary(p => p.Name, p => p.GetValue(byDefault)?.ToString() ?? ""), named);
    }
}
