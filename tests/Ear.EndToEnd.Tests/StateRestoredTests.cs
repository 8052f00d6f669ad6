using System.Diagnostics;
using System.Text.Json.Nodes;
using Ear.Providers.Tests.AzureTables;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Ear.EndToEnd.Tests;

/// <summary>
/// The day on which the account with Ear's state is lost: a copy is brought back, while agents and mongods have lived on. The nodes' keys of today are not in the copy; only the agents have them.
/// </summary>
public sealed class StateRestoredTests
{
    private const int Documents = 500;

    [Fact]
    public async Task A_cluster_that_was_encrypted_anew_after_the_copy_comes_back_with_its_data_and_its_keys()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(8));
        var stop = limit.Token;
        var connection = Azurite.ConnectionString();
        string[] store = ["--store", "azure-tables", "--store-connection", connection];
        var copies = $"copies-{Guid.NewGuid():N}";
        (string, string)[] environment = [("Ear__Copies__ConnectionString", connection), ("Ear__Copies__Container", copies), ("Ear__Store__Prefix", "Lost")];
        await using var ear = await RunningEar.StartAsync(store, environment, stop);
        using var vault = await VaultAdmin.SignInAsync(ear.Ready["kms"]!["azure"]!, stop);
        await ear.Api.SendAsync(HttpMethod.Patch, "encryptionAtRest", Configuration(ear.Ready["kms"]!, await vault.CreateAsync("orders", stop)), stop);
        await ear.Api.SendAsync(HttpMethod.Post, "clusters", Cluster(), stop);
        await UntilAsync("the cluster is up", () => ear.Api.AllRunAsync(["orders"], stop), stop);
        var data = await OrdersAsync(ear, stop);
        await data.WithWriteConcern(WriteConcern.WMajority).InsertManyAsync(Enumerable.Range(0, Documents).Select(i => new BsonDocument("_id", i)), null, stop);

        await ear.Api.RunFunctionAsync("CopyState", stop);
        string[] from = ["--from-connection", connection, "--container", copies];
        await UntilAsync("the copy is whole", async () => (await EarCommand.RunAsync(["state", "list", .. from], TimeSpan.FromMinutes(1))).Output.Contains("whole, ", StringComparison.Ordinal), stop);
        Assert.Contains("is whole", (await EarCommand.RunAsync(["state", "verify", .. from], TimeSpan.FromMinutes(1))).Output, StringComparison.Ordinal);

        // Two re-syncs of each node: its key of now was made after the copy.
        foreach (var provider in new[] { "NONE", "AZURE" })
        {
            await ear.Api.SendAsync(HttpMethod.Patch, "clusters/orders", new JsonObject { ["encryptionAtRestProvider"] = provider }, stop);
            await UntilAsync($"the cluster is encrypted by {provider}", async () => Text(await ear.Api.SendAsync(HttpMethod.Get, "clusters/orders", null, stop), "stateName") != "IDLE", stop, required: false);
            await UntilAsync($"the cluster is encrypted by {provider}", () => ear.Api.AllRunAsync(["orders"], stop), stop);
        }
        var pids = Mongods(ear);
        await ear.KillAsync(stop);

        var (code, output, error) = await EarCommand.RunAsync(["state", "restore", .. from, "--to-connection", connection, "--prefix", "Found"], TimeSpan.FromMinutes(2));
        Assert.True(code == 0, error);
        Assert.Contains("Nothing had to be left out.", output, StringComparison.Ordinal);
        Directory.Delete(Path.Combine(ear.Folder, "durable"), recursive: true);
        await ear.StartAgainAsync(store, [("Ear__Store__Prefix", "Found")], stop);

        // Nothing was stopped or begun anew by it.
        await UntilAsync("the cluster is known to be up", () => ear.Api.AllRunAsync(["orders"], stop), stop);
        Assert.Equal(pids, Mongods(ear));
        await UntilAsync("every agent has given its keys back", () => Task.FromResult(States(ear).All(s => s["keysReturnedAfter"]?.GetValue<long>() > 0)), stop);

        // The proof: every mongod starts again, under the keys that the copy lacks.
        foreach (var pid in pids)
            Process.GetProcessById(pid).Kill();
        await UntilAsync("all mongods are new and up", async () => !Mongods(ear).Intersect(pids).Any() && await ear.Api.AllRunAsync(["orders"], stop), stop);
        await UntilAsync("the data is read", async () => await CountAsync(await OrdersAsync(ear, stop), stop) == Documents, stop);
        Assert.Equal(0, (await ear.Api.SendAsync(HttpMethod.Get, "events?eventType=CLUSTER_ROLLING_RESYNC_STARTED", null, stop))["totalCount"]!.GetValue<int>());
    }

    private static int[] Mongods(RunningEar ear) => [.. EarCommand.ProcessesNaming(ear.Folder).Where(id => IsMongod(id)).Order()];

    private static bool IsMongod(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").Contains("--replSet", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static IEnumerable<JsonNode> States(RunningEar ear)
        => Directory.EnumerateFiles(Path.Combine(ear.Folder, "nodes"), "agent.state.json", SearchOption.AllDirectories).Select(f => JsonNode.Parse(File.ReadAllText(f))!);

    private static async Task<IMongoCollection<BsonDocument>> OrdersAsync(RunningEar ear, CancellationToken stop)
        => new MongoClient(Text((await ear.Api.SendAsync(HttpMethod.Get, "clusters/orders", null, stop))["connectionStrings"]!, "standard")).GetDatabase("shop").GetCollection<BsonDocument>("orders");

    private static async Task<long> CountAsync(IMongoCollection<BsonDocument> orders, CancellationToken stop)
    {
        try
        {
            return (await orders.Find(FilterDefinition<BsonDocument>.Empty).ToListAsync(stop)).Count;
        }
        catch (MongoException)
        {
            return -1;
        }
    }

    private static JsonObject Configuration(JsonNode kms, string vaultKey) => new()
    {
        ["azureKeyVault"] = new JsonObject
        {
            ["enabled"] = true,
            ["azureEnvironment"] = "AZURE",
            ["keyIdentifier"] = vaultKey,
            ["clientID"] = Text(kms["azure"]!, "clientId"),
            ["tenantID"] = Text(kms["azure"]!, "tenantId"),
            ["secret"] = Text(kms["azure"]!, "clientSecret"),
            ["subscriptionID"] = Guid.Empty.ToString(),
            ["resourceGroupName"] = "shop",
            ["keyVaultName"] = "orders",
        },
    };

    private static JsonNode Cluster() => JsonNode.Parse("""
        {"name":"orders","clusterType":"REPLICASET","encryptionAtRestProvider":"AZURE","replicationSpecs":[{"regionConfigs":[
        {"providerName":"AWS","regionName":"US_EAST_1","priority":7,"electableSpecs":{"instanceSize":"M10","nodeCount":3}}]}]}
        """)!;

    private static string Text(JsonNode node, string field) => node[field]!.GetValue<string>();

    /// <param name="required">False: what may have been over before we looked.</param>
    private static async Task UntilAsync(string what, Func<Task<bool>> condition, CancellationToken stop, bool required = true)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (!required && watch.Elapsed > TimeSpan.FromSeconds(5))
                return;
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), $"Not within two minutes: {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(300), stop);
        }
    }
}
