using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Contract.Samples;

/// <summary>Containers and Flex clusters: a cluster of Ear's is never one, and has no network of Ear's.</summary>
internal static class NetworkSamples
{
    private const string First = "2023-01-01";
    private const string Flex = "2024-11-13";
    private const string Container = """{"providerName":"AWS","atlasCidrBlock":"10.8.0.0/21","regionName":"US_EAST_1"}""";
    private const string Small = """{"name":"small","providerSettings":{"backingProviderName":"AWS","regionName":"US_EAST_1"}}""";

    public static IEnumerable<Sample> List { get; } =
    [
        new("listGroupContainers", First, async (doors, owner) =>
        {
            await ClusterSamples.OrdersAsync(doors, owner);
            return new($"{doors.Group}/containers?providerName=AWS");
        }),
        new("listGroupContainerAll", First, async (doors, owner) =>
        {
            await ClusterSamples.OrdersAsync(doors, owner);
            return new($"{doors.Group}/containers/all");
        }),
        new("getGroupContainer", First, async (doors, owner) => new(await ContainerAsync(doors, owner))),
        Sample.Of("createGroupContainer", First, doors => $"{doors.Group}/containers", Container) with { Refusal = "INVALID_ATTRIBUTE" },
        new("updateGroupContainer", First, async (doors, owner) => new(await ContainerAsync(doors, owner), Container)) { Refusal = "INVALID_ATTRIBUTE" },
        new("deleteGroupContainer", First, async (doors, owner) => new(await ContainerAsync(doors, owner))) { Refusal = "INVALID_ATTRIBUTE" },
        Sample.Of("listGroupFlexClusters", Flex, FlexPath),
        Sample.Of("createGroupFlexCluster", Flex, FlexPath, Small) with { Refusal = "INVALID_ATTRIBUTE" },
        Sample.Of("getGroupFlexCluster", Flex, doors => $"{FlexPath(doors)}/small") with { Refusal = "CLUSTER_NOT_FOUND" },
        Sample.Of("updateGroupFlexCluster", Flex, doors => $"{FlexPath(doors)}/small", "{}") with { Refusal = "CLUSTER_NOT_FOUND" },
        Sample.Of("deleteGroupFlexCluster", Flex, doors => $"{FlexPath(doors)}/small") with { Refusal = "CLUSTER_NOT_FOUND" },
    ];

    private static string FlexPath(Doors doors) => $"{doors.Group}/flexClusters";

    private static async Task<string> ContainerAsync(Doors doors, HttpClient owner)
    {
        await ClusterSamples.OrdersAsync(doors, owner);
        var all = await owner.GetAsync($"{doors.Group}/containers/all", Doors.Json);
        return $"{doors.Group}/containers/{all.Body!["results"]![0]!["id"]}";
    }
}
