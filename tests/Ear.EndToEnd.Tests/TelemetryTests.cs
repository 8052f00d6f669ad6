using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Ear.EndToEnd.Tests;

/// <summary>What leaves the processes: one wish through all of them in one trace, every metric under its documented name, and nothing that is secret or the customer's.</summary>
public sealed partial class TelemetryTests
{
    [Fact]
    public async Task One_wish_is_one_trace_from_the_request_to_the_nodes_and_nothing_exported_tells_a_secret()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(6));
        var stop = limit.Token;
        await using var collector = await OtlpCollector.StartAsync();
        var trace = ActivityTraceId.CreateRandom();
        string scrape;
        List<string> secrets;
        await using (var ear = await RunningEar.StartAsync(
            [],
            [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_BSP_SCHEDULE_DELAY", "500"), ("OTEL_METRIC_EXPORT_INTERVAL", "1000"), ("EAR_LOG", "json")], stop))
        {
            var (azure, api) = (ear.Ready["kms"]!["azure"]!, ear.Api);
            using var vault = await VaultAdmin.SignInAsync(azure, stop);
            var key = await vault.CreateAsync("orders", stop);
            secrets = [Text(ear.Ready, "privateKey"), Text(ear.Ready, "clientSecret"), Text(azure, "clientSecret"), Text(ear.Ready["kms"]!["aws"]!, "secretAccessKey"), key, key.Split('/')[^1], new Uri(key).Authority, "url.full"];
            await api.SendAsync(HttpMethod.Patch, "encryptionAtRest", Configuration(azure, key), stop);
            using (var wish = new Activity("wish").SetIdFormat(ActivityIdFormat.W3C).SetParentId(trace, ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded).Start())
                await api.SendAsync(HttpMethod.Post, "clusters", Cluster, stop);
            await UntilAsync("the cluster is up", () => api.AllRunAsync(["orders"], stop), stop);

            await vault.EnableAsync(key, false, stop);
            await api.RunValidationAsync(stop);
            await UntilAsync("the cluster is down", () => Task.FromResult(api.Mongods("orders") == 0), stop);
            scrape = "";
            // When a sweep last finished is looked for each half minute.
            await UntilAsync("every metric is told", async () => !Untold(scrape = await ScrapeAsync(ear.Ready, stop)).Any(), stop);
            // The agents' processes are still there: they send what they have within a second.
            await UntilAsync("the agents tell of the wish", () => Task.FromResult(Tells(collector, trace, "operation Initiate") && Tells(collector, trace, "order AddNode") && Tells(collector, trace, "announce CLUSTER_CREATED")), stop);
        }

        Assert.Empty(Untold(scrape));
        Assert.All(["traces", "metrics", "logs"], signal => Assert.NotEmpty(collector.Of(signal)));
        var spansAndMetrics = collector.Of("traces").Concat(collector.Of("metrics")).Append(scrape).ToList();
        Assert.All(secrets, secret => Assert.DoesNotContain(spansAndMetrics, text => text.Contains(secret, StringComparison.Ordinal)));
        Assert.All(secrets.Take(4), secret => Assert.DoesNotContain(collector.Of("logs"), text => text.Contains(secret, StringComparison.Ordinal)));
        Assert.Contains(spansAndMetrics, text => text.Contains("kms AZURE check", StringComparison.Ordinal));
    }

    private static JsonObject Cluster => (JsonObject)JsonNode.Parse("""
        {"name":"orders","clusterType":"REPLICASET","encryptionAtRestProvider":"AZURE","replicationSpecs":[{"regionConfigs":[
        {"providerName":"AWS","regionName":"US_EAST_1","priority":7,"electableSpecs":{"instanceSize":"M10","nodeCount":3}}]}]}
        """)!;

    /// <summary>A batch that names the span and holds the trace's id.</summary>
    private static bool Tells(OtlpCollector collector, ActivityTraceId trace, string span)
    {
        var id = new byte[16];
        trace.CopyTo(id);
        return collector.Of("traces").Any(t => t.Contains(Encoding.Latin1.GetString(id), StringComparison.Ordinal) && t.Contains(span, StringComparison.Ordinal));
    }

    /// <summary>The metrics of the dashboard and the rules, but for those that only a calamity makes.</summary>
    private static IEnumerable<string> Documented()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Ear.Functions.sln")))
            root = root.Parent!;
        var operations = Path.Combine(root.FullName, "docs", "operations");
        return new[] { Path.Combine(operations, "grafana", "ear.json"), Path.Combine(operations, "alerts", "ear.rules.yml") }
            .SelectMany(f => Names().Matches(File.ReadAllText(f)).Select(m => m.Value)).Except(["ear_shut_downs_suspended_total"]);
    }

    // On one machine the state is copied with its folder, so no copy has an age.
    private static IEnumerable<string> Untold(string scrape) => Documented().Except(Scraped(scrape)).Except(["ear_state_export_age_seconds"]);

    private static HashSet<string> Scraped(string scrape)
        => [.. scrape.Split('\n').Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split(' ', '{')[0])];

    private static async Task<string> ScrapeAsync(JsonNode ready, CancellationToken stop)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(new Uri(Text(ready, "baseUrl")), "metrics"), stop);
    }

    private static JsonObject Configuration(JsonNode azure, string key) => new()
    {
        ["azureKeyVault"] = new JsonObject
        {
            ["enabled"] = true,
            ["azureEnvironment"] = "AZURE",
            ["keyIdentifier"] = key,
            ["clientID"] = Text(azure, "clientId"),
            ["tenantID"] = Text(azure, "tenantId"),
            ["secret"] = Text(azure, "clientSecret"),
            ["subscriptionID"] = Guid.Empty.ToString(),
            ["resourceGroupName"] = "shop",
            ["keyVaultName"] = "orders",
        },
    };

    private static string Text(JsonNode node, string field) => node[field]!.GetValue<string>();

    private static async Task UntilAsync(string what, Func<Task<bool>> condition, CancellationToken stop)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(3), $"Not within three minutes: {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(300), stop);
        }
    }

    [GeneratedRegex(@"\b(ear|http_server)_[a-z_]+\b")]
    private static partial Regex Names();
}
