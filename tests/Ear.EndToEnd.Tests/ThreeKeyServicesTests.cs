using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Ear.EndToEnd.Tests;

/// <summary>One project with keys in Azure Key Vault and Google Cloud KMS: each locks and unlocks its own cluster, on real processes.</summary>
public sealed class ThreeKeyServicesTests
{
    private static readonly string[] Clusters = ["vaulted", "googled"];

    [Fact]
    public async Task Each_key_stops_and_brings_back_only_the_cluster_that_uses_it()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(6));
        var stop = limit.Token;
        var ear = await RunningEar.StartAsync(stop);
        await using (ear)
        {
            var (ready, api) = (ear.Ready, ear.Api);
            using var vault = await VaultAdmin.SignInAsync(ready["kms"]!["azure"]!, stop);
            using var google = await GoogleAdmin.SignInAsync(ready["kms"]!["google"]!, stop);
            var vaultKey = await vault.CreateAsync("orders", stop);
            var googleKey = await google.CreateAsync("ring", "orders", stop);

            var configured = await api.SendAsync(HttpMethod.Patch, "encryptionAtRest", Configuration(ready["kms"]!, vaultKey, googleKey), stop);
            Assert.True(IsValid(configured, "azureKeyVault") && IsValid(configured, "googleCloudKms"), configured.ToJsonString());
            await api.SendAsync(HttpMethod.Post, "clusters", Cluster("vaulted", "AZURE"), stop);
            await api.SendAsync(HttpMethod.Post, "clusters", Cluster("googled", "GCP"), stop);
            await UntilAsync("both clusters are up", () => api.AllRunAsync(Clusters, stop), stop);

            await vault.EnableAsync(vaultKey, false, stop);
            await StopsOnlyAsync(api, "vaulted", "googled", stop);
            await vault.EnableAsync(vaultKey, true, stop);
            Assert.True(IsValid(await api.SendAsync(HttpMethod.Get, "encryptionAtRest", null, stop), "azureKeyVault"));
            await UntilAsync("the vault's cluster is back", () => api.AllRunAsync(Clusters, stop), stop);

            await google.EnableAsync(googleKey, false, stop);
            await StopsOnlyAsync(api, "googled", "vaulted", stop);
            await google.EnableAsync(googleKey, true, stop);
            Assert.True(IsValid(await api.SendAsync(HttpMethod.Get, "encryptionAtRest", null, stop), "googleCloudKms"));
            await UntilAsync("Google's cluster is back", () => api.AllRunAsync(Clusters, stop), stop);
        }
        Assert.DoesNotContain("client_secret=", await ear.ErrorsAsync(), StringComparison.OrdinalIgnoreCase);
    }

    private static async Task StopsOnlyAsync(OwnerApi api, string stopped, string running, CancellationToken stop)
    {
        await api.RunValidationAsync(stop);
        await UntilAsync($"{stopped} is down", () => Task.FromResult(api.Mongods(stopped) == 0), stop);
        Assert.Equal(3, api.Mongods(running));
    }

    private static JsonObject Configuration(JsonNode kms, string vaultKey, string googleKey) => new()
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
        ["googleCloudKms"] = new JsonObject
        {
            ["enabled"] = true,
            ["keyVersionResourceID"] = googleKey,
            ["serviceAccountKey"] = File.ReadAllText(Text(kms["google"]!, "serviceAccountKeyFile")),
        },
    };

    private static JsonNode Cluster(string name, string provider) => JsonNode.Parse($$$"""
        {"name":"{{{name}}}","clusterType":"REPLICASET","encryptionAtRestProvider":"{{{provider}}}","replicationSpecs":[{"regionConfigs":[
        {"providerName":"AWS","regionName":"US_EAST_1","priority":7,"electableSpecs":{"instanceSize":"M10","nodeCount":3}}]}]}
        """)!;

    private static string Text(JsonNode node, string field) => node[field]!.GetValue<string>();

    private static bool IsValid(JsonNode configuration, string block) => configuration[block]?["valid"]?.GetValue<bool>() is true;

    private static async Task UntilAsync(string what, Func<Task<bool>> condition, CancellationToken stop)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), $"Not within two minutes: {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(300), stop);
        }
    }
}
