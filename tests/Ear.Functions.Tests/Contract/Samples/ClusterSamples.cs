using Ear.Clusters;
using Ear.Functions.Tests.Http.World;
using Ear.Nodes;

namespace Ear.Functions.Tests.Contract.Samples;

internal static class ClusterSamples
{
    private const string Legacy = "2023-01-01";
    private const string Advanced = "2023-02-01";
    private const string Newest = "2024-08-05";
    private const string Latest = "2024-10-23";
    private static readonly string[] Read = [Legacy, Advanced, Newest];

    /// <summary>A body of each version.</summary>
    private static readonly Dictionary<string, string> Bodies = new()
    {
        [Legacy] = """{"name":"orders","clusterType":"REPLICASET","replicationFactor":3,"providerSettings":{"providerName":"AWS","instanceSizeName":"M10","regionName":"US_EAST_1"}}""",
        [Advanced] = """{"name":"orders","clusterType":"REPLICASET","diskSizeGB":20,"replicationSpecs":[{"numShards":1,"regionConfigs":[{"providerName":"AWS","regionName":"US_EAST_1","priority":7,"electableSpecs":{"instanceSize":"M10","nodeCount":3}}]}]}""",
        [Newest] = """{"name":"orders","clusterType":"REPLICASET","replicationSpecs":[{"regionConfigs":[{"providerName":"AWS","regionName":"US_EAST_1","priority":7,"electableSpecs":{"instanceSize":"M10","nodeCount":3,"diskSizeGB":20}}]}]}""",
        [Latest] = """{"name":"orders","clusterType":"REPLICASET","replicationSpecs":[{"regionConfigs":[{"providerName":"AWS","regionName":"US_EAST_1","priority":7,"electableSpecs":{"instanceSize":"M10","nodeCount":3,"diskSizeGB":20}}]}]}""",
    };

    public static IEnumerable<Sample> List { get; } =
    [
        .. Sample.InEach("listGroupClusters", Read, async (doors, owner) =>
        {
            await OrdersAsync(doors, owner);
            return new(Path(doors));
        }),
        new("listClusterDetails", Legacy, async (doors, owner) =>
        {
            await OrdersAsync(doors, owner);
            return new("/api/atlas/v2/clusters");
        }),
        .. Bodies.Select(b => Sample.Of("createGroupCluster", b.Key, Path, b.Value)),
        .. Sample.InEach("getGroupCluster", Read, async (doors, owner) => new(await OrdersAsync(doors, owner))),
        .. Bodies.Select(b => new Sample("updateGroupCluster", b.Key, async (doors, owner) => new(await OrdersAsync(doors, owner), b.Value))),
        .. Sample.InEach("deleteGroupCluster", [Legacy, Advanced], async (doors, owner) => new(await OrdersAsync(doors, owner))),
        .. Sample.InEach("getGroupClusterStatus", [Legacy], async (doors, owner) => new($"{await OrdersAsync(doors, owner)}/status")),
        .. Sample.InEach("restartGroupClusterPrimaries", [Legacy, Advanced], async (doors, owner) =>
        {
            var path = await OrdersAsync(doors, owner);
            await ReachAsync(doors);
            return new($"{path}/restartPrimaries");
        }),
        .. Sample.InEach("getGroupClusterProcessArgs", [Legacy, Newest], async (doors, owner) => new($"{await OrdersAsync(doors, owner)}/processArgs")),
        .. Sample.InEach("updateGroupClusterProcessArgs", [Legacy, Newest], async (doors, owner) => new($"{await OrdersAsync(doors, owner)}/processArgs", """{"javascriptEnabled":true}""")),
    ];

    internal static async Task<string> OrdersAsync(Doors doors, HttpClient owner)
    {
        Assert.Equal(201, (await owner.SendJsonAsync(HttpMethod.Post, Path(doors), Bodies[Latest])).Status);
        return $"{Path(doors)}/orders";
    }

    private static string Path(Doors doors) => $"{doors.Group}/clusters";

    /// <summary>The cluster is as it was wished, and its nodes say so.</summary>
    private static async Task ReachAsync(Doors doors)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var stored = (await doors.Store.FindAsync(doors.First.ProjectId, ClusterName.Parse("orders", null), cancellation))!;
        var cluster = stored.Document with { AchievedGeneration = stored.Document.Generation, State = ClusterState.Idle };
        await doors.Store.SaveAsync(cluster, stored.Version, [], cancellation);
        for (var i = 0; i < 3; i++)
        {
            var goal = new NodeGoal(1, 1, WantedProcess.Running, EncryptionMode.None, "M10", cluster.ReplicaSetName, GoalVerdict.None, null);
            var report = new NodeReport("1", "boot", 1, 1, $"host{i}:27017", new(true, 1, "8.0", i is 0 ? MemberRole.Primary : MemberRole.Secondary, i is 0 ? null : 0, null, []), EncryptionMode.None, null, "M10", GoalVerdict.None);
            await doors.Store.SaveAsync(new Node(NodeId.FromValid($"{i:x24}"), cluster.ProjectId, cluster.Ref, i, goal) { AgentKey = "key", Joined = true, Report = report, HeardAt = doors.Time.GetUtcNow() }, 0, [], cancellation);
        }
    }
}
