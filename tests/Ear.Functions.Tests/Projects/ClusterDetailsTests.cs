using Ear.Alerts;
using Ear.Clusters;
using Ear.Functions.Tests.Http.World;
using Ear.Nodes;
using Ear.Projects;

namespace Ear.Functions.Tests.Projects;

/// <summary>The clusters of all projects at a glance.</summary>
public sealed class ClusterDetailsTests
{
    private const string All = "/api/atlas/v2/clusters";
    private static readonly ProjectId Hidden = ProjectId.FromValid(new string('f', 24));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everybody_sees_the_clusters_of_the_projects_that_they_may_read_and_of_no_others()
    {
        await using var doors = await Doors.OpenAsync();
        await doors.Store.SaveAsync(new Project(Hidden, (await doors.ProjectAsync()).OrgId, "hidden", doors.Time.GetUtcNow()), 0, [], Cancellation);
        await ClusterAsync(doors, doors.First.ProjectId, "orders");
        await ClusterAsync(doors, Hidden, "secrets");
        using var reader = await doors.AsAsync("GROUP_READ_ONLY");
        using var organization = await doors.AsAsync("ORG_READ_ONLY");
        using var member = await doors.AsAsync("ORG_MEMBER");
        using var nobody = await doors.AsAsync();

        Assert.Equal(["ear: orders"], await SeenAsync(reader));
        Assert.Equal(["ear: orders", "hidden: secrets"], (await SeenAsync(organization)).Order());
        Assert.Empty(await SeenAsync(member));
        Assert.Empty(await SeenAsync(nobody));
    }

    [Fact]
    public async Task A_page_counts_projects()
    {
        await using var doors = await Doors.OpenAsync();
        await doors.Store.SaveAsync(new Project(Hidden, (await doors.ProjectAsync()).OrgId, "empty", doors.Time.GetUtcNow()), 0, [], Cancellation);
        await ClusterAsync(doors, doors.First.ProjectId, "orders");
        using var organization = await doors.AsAsync("ORG_READ_ONLY");

        var first = (await organization.GetAsync($"{All}?itemsPerPage=1", Doors.Json)).Body!;
        var second = (await organization.GetAsync($"{All}?itemsPerPage=1&pageNum=2&includeCount=false", Doors.Json)).Body!;

        Assert.Equal(2, first["totalCount"]!.GetValue<int>());
        Assert.Contains(first["links"]!.AsArray(), l => l!["rel"]!.GetValue<string>() == "next");
        Assert.Null(second["totalCount"]);
        Assert.Equal(["empty", "ear"], new[] { first, second }.Select(p => Assert.Single(p["results"]!.AsArray())!["groupName"]!.GetValue<string>()).OrderDescending());
        Assert.Equal(400, (await organization.GetAsync($"{All}?itemsPerPage=0", Doors.Json)).Status);
    }

    [Fact]
    public async Task A_cluster_tells_how_it_is_doing()
    {
        await using var doors = await Doors.OpenAsync();
        var cluster = await ClusterAsync(doors, doors.First.ProjectId, "orders");
        (MemberRole Role, string Version, long? Bytes, bool Removed)[] members =
            [(MemberRole.Primary, "8.0.4", 500, false), (MemberRole.Secondary, "8.0.5", 700, false), (MemberRole.Secondary, "8.0.4", null, false), (MemberRole.Secondary, "7.0.1", 900, true)];
        for (var i = 0; i < members.Length; i++)
            await NodeAsync(doors, cluster, i, members[i].Role, members[i].Version, members[i].Bytes, members[i].Removed);
        var now = doors.Time.GetUtcNow();
        var about = new Alert(AlertId.FromValid(new string('1', 24)), cluster.ProjectId, "AWS_ENCRYPTION_KEY_INVALID", "AWS", AlertStatus.Open, now, now) { ClusterName = "orders" };
        await doors.Store.SaveAsync(about, 0, [], Cancellation);
        await doors.Store.SaveAsync(about with { Id = AlertId.FromValid(new string('2', 24)), Subject = "GCP", ClusterName = "other" }, 0, [], Cancellation);
        await doors.Store.SaveAsync(about with { Id = AlertId.FromValid(new string('3', 24)), Status = AlertStatus.Closed }, 0, [], Cancellation);
        using var reader = await doors.AsAsync("GROUP_READ_ONLY");

        var project = Assert.Single((await reader.GetAsync(All, Doors.Json)).Body!["results"]!.AsArray())!;

        Assert.Equal((doors.First.ProjectId.Value, doors.First.OrgId.Value, "Ear"), (project["groupId"]!.GetValue<string>(), project["orgId"]!.GetValue<string>(), project["orgName"]!.GetValue<string>()));
        Assert.Equal(
            $$"""{"alertCount":1,"availability":"available","backupEnabled":false,"clusterId":"{{cluster.Id}}","dataSizeBytes":700,"name":"orders","nodeCount":3,"type":"REPLICA_SET","versions":["8.0.4","8.0.5"]}""",
            project["clusters"]![0]!.ToJsonString());
    }

    [Theory]
    [InlineData("available", MemberRole.Primary, MemberRole.Secondary, MemberRole.Secondary)]
    [InlineData("warning", MemberRole.Primary, MemberRole.Down, MemberRole.Secondary)]
    [InlineData("warning", MemberRole.Primary, MemberRole.Secondary, MemberRole.Recovering)]
    [InlineData("unavailable", MemberRole.Secondary, MemberRole.Down, MemberRole.Down)]
    [InlineData("unavailable")]
    public async Task Available_is_what_has_a_primary_and_all_of_its_members(string expected, params MemberRole[] roles)
    {
        await using var doors = await Doors.OpenAsync();
        var cluster = await ClusterAsync(doors, doors.First.ProjectId, "orders");
        for (var i = 0; i < roles.Length; i++)
            await NodeAsync(doors, cluster, i, roles[i], "8.0", 1, removed: false);
        using var reader = await doors.AsAsync("GROUP_READ_ONLY");

        Assert.Equal(expected, await AvailabilityAsync(reader));
    }

    [Fact]
    public async Task A_primary_that_nobody_hears_of_is_none_and_a_paused_cluster_is_dead()
    {
        await using var doors = await Doors.OpenAsync();
        var cluster = await ClusterAsync(doors, doors.First.ProjectId, "orders");
        await NodeAsync(doors, cluster, 0, MemberRole.Primary, "8.0", 1, removed: false);
        using var reader = await doors.AsAsync("GROUP_READ_ONLY");
        Assert.Equal("available", await AvailabilityAsync(reader));

        doors.Time.Advance(ClusterSight.Unheard + TimeSpan.FromSeconds(1));
        Assert.Equal("unavailable", await AvailabilityAsync(reader));

        var stored = (await doors.Store.FindAsync(cluster.ProjectId, cluster.Name, Cancellation))!;
        await doors.Store.SaveAsync(stored.Document with { PausedSince = doors.Time.GetUtcNow() }, stored.Version, [], Cancellation);
        Assert.Equal("dead", await AvailabilityAsync(reader));
    }

    private static async Task<IEnumerable<string>> SeenAsync(HttpClient caller)
        => [.. (await caller.GetAsync(All, Doors.Json)).Body!["results"]!.AsArray().SelectMany(p => p!["clusters"]!.AsArray().Select(c => $"{p["groupName"]}: {c!["name"]}"))];

    private static async Task<string> AvailabilityAsync(HttpClient caller)
        => (await caller.GetAsync(All, Doors.Json)).Body!["results"]![0]!["clusters"]![0]!["availability"]!.GetValue<string>();

    private static async Task<Cluster> ClusterAsync(Doors doors, ProjectId project, string name)
    {
        var cluster = new Cluster(ClusterId.FromValid(project.Value[..12] + "0123456789ab"), project, ClusterName.Parse(name, null), doors.Time.GetUtcNow(), new ClusterSpec(null, "M10", 3));
        await doors.Store.SaveAsync(cluster, 0, [], Cancellation);
        return cluster;
    }

    private static async Task NodeAsync(Doors doors, Cluster cluster, int index, MemberRole role, string version, long? bytes, bool removed)
    {
        var goal = new NodeGoal(1, 1, WantedProcess.Running, EncryptionMode.None, "M10", cluster.ReplicaSetName, GoalVerdict.None, null);
        var up = role is not MemberRole.Down;
        var mongod = new MongodReport(up, up ? 1 : null, version, role, 0, null, []);
        var report = new NodeReport("1", "boot", 1, 1, $"host{index}:27017", mongod, EncryptionMode.None, null, "M10", GoalVerdict.None) { DataBytes = bytes };
        await doors.Store.SaveAsync(new Node(NodeId.FromValid($"{index:x24}"), cluster.ProjectId, cluster.Ref, index, goal) { AgentKey = "key", Joined = true, Report = report, HeardAt = doors.Time.GetUtcNow(), Removed = removed }, 0, [], Cancellation);
    }
}
