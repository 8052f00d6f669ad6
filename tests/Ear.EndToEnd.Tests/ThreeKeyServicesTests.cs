using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
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
        var folder = Directory.CreateTempSubdirectory("ear-three-kms-").FullName;
        using var ear = EarCommand.Start(["up", "--port", "0", "--data", folder, "--json"]);
        var errors = ear.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            var ready = JsonNode.Parse((await ear.StandardOutput.ReadLineAsync(stop))!)!;
            using var api = new Api(ready, folder);
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
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            ear.Kill();
            throw new InvalidOperationException($"{e.Message}\n{await errors}", e);
        }
        finally
        {
            await EndAsync(ear, folder);
        }
        Assert.DoesNotContain("client_secret=", await errors, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task StopsOnlyAsync(Api api, string stopped, string running, CancellationToken stop)
    {
        await api.RunValidationAsync(stop);
        await UntilAsync($"{stopped} is down", () => Task.FromResult(api.Mongods(stopped) == 0), stop);
        Assert.Equal(3, api.Mongods(running));
    }

    private static async Task EndAsync(Process ear, string folder)
    {
        if (!ear.HasExited)
            EarCommand.Terminate(ear);
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await ear.WaitForExitAsync(bound.Token);
        Directory.Delete(folder, recursive: true);
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

    /// <summary>The project at Ear's API, as its owner.</summary>
    private sealed class Api(JsonNode ready, string folder) : IDisposable
    {
        private readonly Dictionary<string, string> replicaSets = [];
        private readonly Uri url = new(Text(ready, "baseUrl"));
        private readonly HttpClient http = new(new SocketsHttpHandler
        {
            Credentials = new CredentialCache { { new Uri(Text(ready, "baseUrl")), "Digest", new NetworkCredential(Text(ready, "publicKey"), Text(ready, "privateKey")) } },
        });

        public async Task<JsonNode> SendAsync(HttpMethod method, string path, JsonNode? body, CancellationToken stop)
        {
            using var request = new HttpRequestMessage(method, new Uri(url, $"api/atlas/v2/groups/{Text(ready, "projectId")}/{path}"));
            request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/vnd.atlas.2024-10-23+json"));
            if (body is not null)
                request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
            using var answer = await http.SendAsync(request, stop);
            var text = await answer.Content.ReadAsStringAsync(stop);
            Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
            return JsonNode.Parse(text)!;
        }

        public async Task<bool> AllRunAsync(string[] names, CancellationToken stop)
        {
            foreach (var name in names)
            {
                var cluster = await SendAsync(HttpMethod.Get, $"clusters/{name}", null, stop);
                if (Text(cluster, "stateName") != "IDLE" || cluster["connectionStrings"]?["standard"] is not { } address)
                    return false;
                replicaSets[name] = address.GetValue<string>().Split("replicaSet=")[1].Split('&')[0];
                if (Mongods(name) != 3)
                    return false;
            }
            return true;
        }

        /// <summary>Running mongod processes of a cluster that was up once.</summary>
        public int Mongods(string cluster)
            => EarCommand.CommandLinesNaming(folder).Count(a => Array.IndexOf(a, "--replSet") is var at and >= 0 && a[at + 1] == replicaSets[cluster]);

        public async Task RunValidationAsync(CancellationToken stop)
        {
            var keys = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "host", "host-keys.json"), stop))!;
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(url, "admin/functions/ValidateCustomerKeys"))
            {
                Content = new StringContent("""{"input":""}""", Encoding.UTF8, "application/json"),
                Headers = { { "x-functions-key", Text(keys, "master") } },
            };
            using var answer = await http.SendAsync(request, stop);
            answer.EnsureSuccessStatusCode();
        }

        public void Dispose() => http.Dispose();
    }
}
