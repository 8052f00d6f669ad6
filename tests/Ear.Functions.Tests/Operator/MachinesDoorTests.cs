using System.Text.Json.Nodes;
using Ear.Clusters;
using Ear.Functions.Tests.Http;
using Ear.Functions.Tests.Http.World;
using Ear.Nodes;
using Ear.Projects;

namespace Ear.Functions.Tests.Operator;

public sealed class MachinesDoorTests
{
    private const string Awaited = "/api/operator/v1/awaitedNodes";
    private const string Released = "/api/operator/v1/releasedNodes";
    private const string Cluster = """
        {"name":"orders","clusterType":"REPLICASET","mongoDBMajorVersion":"8.0","replicationSpecs":[{"regionConfigs":[
          {"providerName":"AZURE","regionName":"US_EAST_2","priority":7,"electableSpecs":{"instanceSize":"M30","nodeCount":2,"diskSizeGB":64}},
          {"providerName":"AZURE","regionName":"EUROPE_NORTH","priority":6,"electableSpecs":{"instanceSize":"M30","nodeCount":1,"diskSizeGB":64}}]}]}
        """;

    [Fact]
    public async Task A_node_that_waits_says_what_machine_it_needs()
    {
        await using var doors = await Doors.OpenAsync();
        using var machines = doors.WithHostKey(doors.HostKeys.Function);
        var nodes = await AwaitAsync(doors, 3);

        var answer = await machines.GetAsync(Awaited, Doors.Json);

        Assert.Equal(200, answer.Status);
        Assert.Equal("no-store", answer.Message.Headers.CacheControl?.ToString());
        var last = answer.Body!["results"]!.AsArray().Single(n => n!["nodeId"]!.GetValue<string>() == nodes[2].Value)!;
        Assert.Equal(
            JsonNode.Parse($$"""
                {"projectId":"{{doors.First.ProjectId}}","clusterName":"orders","nodeId":"{{nodes[2]}}","index":2,"instanceSize":"M30","providerName":"AZURE","regionName":"EUROPE_NORTH",
                 "diskSizeGB":64,"mongoDBMajorVersion":"8.0","since":"2026-03-01T12:00:00Z"}
                """)!.ToJsonString(),
            last.ToJsonString());
        Assert.Null(answer.Body["next"]);
    }

    [Fact]
    public async Task A_machine_is_given_all_that_its_agent_needs_and_no_other_gets_the_node()
    {
        await using var doors = await Doors.OpenAsync();
        using var machines = doors.WithHostKey(doors.HostKeys.Function);
        var node = (await AwaitAsync(doors, 1))[0];

        var given = await machines.SendJsonAsync(HttpMethod.Post, Path(doors, node, "enrolment"), """{"machine":"/subscriptions/x/virtualMachines/vm-1"}""");

        Assert.Equal(200, given.Status);
        Assert.Equal("no-store", given.Message.Headers.CacheControl?.ToString());
        Assert.Equal((doors.Url.ToString(), doors.First.ProjectId.Value, node.Value, "2026-03-01T13:00:00Z", "orders"),
            (given.Text("controlPlane"), given.Text("projectId"), given.Text("nodeId"), given.Text("expires"), given.Text("clusterName")));
        var stored = (await doors.Store.FindAsync(doors.First.ProjectId, node, TestContext.Current.CancellationToken))!.Document;
        Assert.Equal(NodeProvisioning.Sha256(given.Text("token")), stored.Enrolment!.TokenSha256);
        var listed = await machines.GetAsync(Awaited, Doors.Json);
        Assert.Equal("/subscriptions/x/virtualMachines/vm-1", listed.Body!["results"]![0]!["machine"]!.GetValue<string>());
        Assert.DoesNotContain(given.Text("token"), listed.Body.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(stored.Enrolment.TokenSha256, listed.Body.ToJsonString(), StringComparison.Ordinal);
        (await machines.SendJsonAsync(HttpMethod.Post, Path(doors, node, "enrolment"), """{"machine":"vm-2"}""")).Refused(409, "NODE_TAKEN");
        Assert.Equal(["NODE_ENROLMENT_TOKEN_ISSUED"], (await doors.EventsAsync()).Where(e => e.StartsWith("NODE_", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_cannot_be_given_is_refused_in_words()
    {
        await using var doors = await Doors.OpenAsync();
        using var machines = doors.WithHostKey(doors.HostKeys.Function);
        var nodes = await AwaitAsync(doors, 3);
        await ChangeAsync(doors, nodes[0], n => n with { AgentKey = "key", Machine = "vm-1" });
        await ChangeAsync(doors, nodes[1], n => n with { Removed = true });
        await ChangeAsync(doors, nodes[2], n => n with { AwaitedSince = null });

        (await IssueAsync(nodes[0].Value)).Refused(409, "NODE_ALREADY_ENROLLED");
        (await IssueAsync(nodes[1].Value)).Refused(410, "NODE_REMOVED");
        (await IssueAsync(nodes[2].Value)).Refused(409, "NODE_NOT_AWAITED");
        (await IssueAsync("aaaaaaaaaaaaaaaaaaaaaaaa")).Refused(404, "NODE_NOT_FOUND");
        (await IssueAsync("no-id")).Refused(404, "NODE_NOT_FOUND");
        (await machines.SendJsonAsync(HttpMethod.Post, $"/api/operator/v1/groups/no-id/nodes/{nodes[0]}/enrolment", """{"machine":"vm-1"}""")).Refused(404, "INVALID_GROUP_ID");

        Task<Answer> IssueAsync(string node) => machines.SendJsonAsync(HttpMethod.Post, $"/api/operator/v1/groups/{doors.First.ProjectId}/nodes/{node}/enrolment", """{"machine":"vm-1"}""");
    }

    [Theory]
    [InlineData("{}", "MISSING_ATTRIBUTE")]
    [InlineData("""{"machine":""}""", "MISSING_ATTRIBUTE")]
    [InlineData("""{"machine":7}""", "VALIDATION_ERROR")]
    [InlineData("""{"machine":"vm 1"}""", "VALIDATION_ERROR")]
    [InlineData("""{"machine":"vm\u00001"}""", "VALIDATION_ERROR")]
    [InlineData("""{"machine":"LONG"}""", "VALIDATION_ERROR")]
    public async Task A_machine_has_a_name(string body, string code)
    {
        await using var doors = await Doors.OpenAsync();
        using var machines = doors.WithHostKey(doors.HostKeys.Function);
        var node = (await AwaitAsync(doors, 1))[0];

        (await machines.SendJsonAsync(HttpMethod.Post, Path(doors, node, "enrolment"), body.Replace("LONG", new string('x', 257)))).Refused(400, code);
        Assert.Null((await doors.Store.FindAsync(doors.First.ProjectId, node, TestContext.Current.CancellationToken))!.Document.Machine);
    }

    [Fact]
    public async Task A_machine_of_no_use_is_listed_until_it_is_said_to_be_gone()
    {
        await using var doors = await Doors.OpenAsync();
        using var machines = doors.WithHostKey(doors.HostKeys.Function);
        var nodes = await AwaitAsync(doors, 2);
        await ChangeAsync(doors, nodes[0], n => n with { AgentKey = "key", Machine = "vm-1" });
        (await machines.SendJsonAsync(HttpMethod.Delete, Path(doors, nodes[0], "machine"))).Refused(409, "NODE_ALREADY_ENROLLED");
        await ChangeAsync(doors, nodes[0], n => n with { Removed = true, ReleasedAt = doors.Time.GetUtcNow() });

        var listed = await machines.GetAsync(Released, Doors.Json);
        Assert.Equal(("vm-1", "2026-03-01T12:00:00Z"), (listed.Body!["results"]!.AsArray().Single()!["machine"]!.GetValue<string>(), listed.Body["results"]![0]!["since"]!.GetValue<string>()));

        Assert.Equal(204, (await machines.SendJsonAsync(HttpMethod.Delete, Path(doors, nodes[0], "machine"))).Status);
        Assert.Equal(204, (await machines.SendJsonAsync(HttpMethod.Delete, Path(doors, nodes[0], "machine"))).Status);
        Assert.Empty((await machines.GetAsync(Released, Doors.Json)).Body!["results"]!.AsArray());
        Assert.Single(await doors.EventsAsync(), "NODE_MACHINE_GONE");
    }

    [Fact]
    public async Task Pages_are_as_long_as_asked_and_lead_to_the_next()
    {
        await using var doors = await Doors.OpenAsync();
        using var machines = doors.WithHostKey(doors.HostKeys.Function);
        var nodes = await AwaitAsync(doors, 5);

        var seen = new List<string>();
        var after = "";
        do
        {
            var page = await machines.GetAsync($"{Awaited}?limit=2{after}", Doors.Json);
            seen.AddRange(page.Body!["results"]!.AsArray().Select(n => n!["nodeId"]!.GetValue<string>()));
            after = page.Body["next"] is { } next ? $"&after={next.GetValue<string>()}" : "";
        }
        while (after.Length > 0);

        Assert.Equal(nodes.Select(n => n.Value).Order(StringComparer.Ordinal), seen);
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=101")]
    [InlineData("limit=many")]
    [InlineData("after=yesterday")]
    [InlineData("after=333333333333333333333333:' or 1 eq 1 or")]
    public async Task A_page_that_cannot_be_is_refused(string query)
    {
        await using var doors = await Doors.OpenAsync();
        using var machines = doors.WithHostKey(doors.HostKeys.Function);

        (await machines.GetAsync($"{Released}?{query}", Doors.Json)).Refused(400, "INVALID_ATTRIBUTE");
    }

    private static string Path(Doors doors, NodeId node, string below) => $"/api/operator/v1/groups/{doors.First.ProjectId}/nodes/{node}/{below}";

    /// <summary>As the reconciliation stores them, with the cluster that they are of.</summary>
    private static async Task<NodeId[]> AwaitAsync(Doors doors, int count)
    {
        using var owner = await doors.OwnerAsync();
        Assert.Equal(201, (await owner.SendJsonAsync(HttpMethod.Post, $"{doors.Group}/clusters", Cluster)).Status);
        var cluster = (await doors.Store.FindAsync(doors.First.ProjectId, ClusterName.Parse("orders", null), TestContext.Current.CancellationToken))!.Document;
        var ids = Enumerable.Range(0, count).Select(i => NodeId.FromValid($"{i + 1:d24}")).ToArray();
        for (var i = 0; i < count; i++)
        {
            var goal = new NodeGoal(1, 1, WantedProcess.Running, EncryptionMode.None, "M30", "rs", GoalVerdict.None, doors.Time.GetUtcNow());
            await doors.Store.SaveAsync(new Node(ids[i], doors.First.ProjectId, cluster.Ref, i, goal) { AwaitedSince = doors.Time.GetUtcNow() }, 0, [], TestContext.Current.CancellationToken);
        }
        return ids;
    }

    private static async Task ChangeAsync(Doors doors, NodeId id, Func<Node, Node> change)
    {
        var (node, version) = (await doors.Store.FindAsync(doors.First.ProjectId, id, TestContext.Current.CancellationToken))!;
        Assert.True((await doors.Store.SaveAsync(change(node), version, [], TestContext.Current.CancellationToken)).Saved);
    }
}
