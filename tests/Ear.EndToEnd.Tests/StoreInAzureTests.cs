using System.Text.Json.Nodes;
using Ear.Providers.Tests.AzureTables;

namespace Ear.EndToEnd.Tests;

/// <summary>All of Ear with its documents in Azure Tables, as in Azure; Azurite stands for the account.</summary>
public sealed class StoreInAzureTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task A_cluster_comes_up_and_is_there_after_a_kill_and_its_folder_is_not_taken_for_one_of_another_store()
    {
        string[] store = ["--store", "azure-tables", "--store-connection", Azurite.ConnectionString()];
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Bound);
        await using var ear = await RunningEar.StartAsync(limit.Token, store);
        await ear.Api.SendAsync(HttpMethod.Post, "clusters", Cluster("orders"), limit.Token);
        while (!await ear.Api.AllRunAsync(["orders"], limit.Token))
            await Task.Delay(TimeSpan.FromMilliseconds(500), limit.Token);

        await ear.KillAsync(limit.Token);
        var (code, _, error) = await EarCommand.RunAsync(["up", "--port", "0", "--data", ear.Folder], Bound);
        Assert.Equal(1, code);
        Assert.Contains("Start with --store azure-tables", error, StringComparison.Ordinal);

        await ear.KillAndStartAgainAsync(limit.Token, store);
        Assert.Equal("IDLE", (await ear.Api.SendAsync(HttpMethod.Get, "clusters/orders", null, limit.Token))["stateName"]!.GetValue<string>());
        var events = await ear.Api.SendAsync(HttpMethod.Get, "events?eventType=CLUSTER_CREATED&eventType=CLUSTER_READY", null, limit.Token);
        Assert.Contains("CLUSTER_CREATED", events["results"]!.AsArray().Select(e => e!["eventTypeName"]!.GetValue<string>()));
    }

    private static JsonObject Cluster(string name) => new()
    {
        ["name"] = name,
        ["clusterType"] = "REPLICASET",
        ["replicationSpecs"] = new JsonArray(new JsonObject
        {
            ["regionConfigs"] = new JsonArray(new JsonObject
            {
                ["providerName"] = "AWS",
                ["regionName"] = "US_EAST_1",
                ["priority"] = 7,
                ["electableSpecs"] = new JsonObject { ["instanceSize"] = "M10", ["nodeCount"] = 3 },
            }),
        }),
    };
}
