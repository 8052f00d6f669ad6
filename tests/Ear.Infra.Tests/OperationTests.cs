using Ear.Infra.Tests.Compiling;

namespace Ear.Infra.Tests;

/// <summary>What whoever runs Ear relies on: zones, logs, alerts, tags.</summary>
public sealed class OperationTests(Scenes scenes)
{
    [Fact]
    public async Task Everything_spans_zones_unless_there_are_none()
    {
        var plain = await scenes.Plain;
        var small = await scenes.Small;

        Assert.Equal("true", plain.Of("Microsoft.Web/serverfarms").Single().Text("zoneRedundant"));
        Assert.All(plain.Of("Microsoft.Storage/storageAccounts"), a => Assert.Equal("Standard_ZRS", a.Json["sku"]!["name"]!.GetValue<string>()));
        Assert.Equal(3, plain.Of("Microsoft.Network/publicIPAddresses").Single().Json["zones"]!.AsArray().Count);
        Assert.Equal("false", small.Of("Microsoft.Web/serverfarms").Single().Text("zoneRedundant"));
        Assert.All(small.Of("Microsoft.Storage/storageAccounts"), a => Assert.Equal("Standard_LRS", a.Json["sku"]!["name"]!.GetValue<string>()));
    }

    [Fact]
    public async Task The_app_is_there_before_the_first_request_and_one_instance_holds_many_agents()
    {
        var scale = (await scenes.Plain).Of("Microsoft.Web/sites").Single().At("functionAppConfig", "scaleAndConcurrency")!;

        Assert.Equal(["http 2", "durable 1"], scale["alwaysReady"]!.AsArray().Select(r => $"{r!["name"]} {r["instanceCount"]}"));
        Assert.Equal(500, scale["triggers"]!["http"]!["perInstanceConcurrency"]!.GetValue<int>());
        Assert.Equal("10.0", (await scenes.Plain).Of("Microsoft.Web/sites").Single().Text("functionAppConfig", "runtime", "version"));
    }

    [Fact]
    public async Task State_cannot_be_deleted_by_accident()
    {
        foreach (var deployment in await scenes.AllAsync())
        {
            var data = deployment.Of("Microsoft.Storage/storageAccounts").Single(a => a.Name.StartsWith("eardata", StringComparison.Ordinal));
            var blobs = deployment.Of("Microsoft.Storage/storageAccounts/blobServices").Single(b => b.Name.StartsWith(data.Name, StringComparison.Ordinal));
            Assert.Equal(("true", "30"), (blobs.Text("deleteRetentionPolicy", "enabled"), blobs.Text("deleteRetentionPolicy", "days")));
            var held = deployment.Of("Microsoft.Authorization/locks").Single();
            Assert.StartsWith(data.Id, held.Id, StringComparison.Ordinal);
            Assert.Equal("CanNotDelete", held.Text("level"));
        }
    }

    [Fact]
    public async Task Each_service_tells_the_workspace()
    {
        foreach (var deployment in await scenes.AllAsync())
        {
            var workspace = deployment.Of("Microsoft.OperationalInsights/workspaces").Single().Id;
            var settings = deployment.Of("Microsoft.Insights/diagnosticSettings");
            Assert.All(settings, s => Assert.Equal(workspace, s.Text("workspaceId")));
            foreach (var type in new[] { "Microsoft.Web/sites", "Microsoft.KeyVault/vaults", "Microsoft.ServiceBus/namespaces", "Microsoft.Storage/storageAccounts" })
                Assert.All(deployment.Of(type), r => Assert.Contains(settings, s => s.Id.StartsWith($"{r.Id}/providers/Microsoft.Insights/", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData("sweep-late", "ear.sweep.lag", "GreaterThan")]
    [InlineData("nothing-heard", "ear.sweep.lag", "LessThan")]
    [InlineData("dead-letters", "ear.dead_letters", "GreaterThan")]
    [InlineData("orchestrations-failed", "ear.orchestrations", "GreaterThan")]
    public async Task Somebody_is_told_when_Ear_itself_is_ill(string name, string metric, string when)
    {
        var deployment = await scenes.Everything;
        var people = deployment.Of("Microsoft.Insights/actionGroups").Single();
        var rule = deployment.Of("Microsoft.Insights/scheduledQueryRules").Single(r => r.Name.EndsWith($"-{name}", StringComparison.Ordinal));
        var criterion = rule.At("criteria", "allOf")!.AsArray().Single()!;

        Assert.Equal("operators@example.org", people.At("emailReceivers")!.AsArray().Single()!["emailAddress"]!.GetValue<string>());
        Assert.Equal([people.Id], rule.At("actions", "actionGroups")!.AsArray().Select(a => a!.GetValue<string>()));
        Assert.Contains($"Name == \"{metric}\"", criterion["query"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(when, criterion["operator"]!.GetValue<string>());
    }

    [Fact]
    public async Task Two_alerts_need_nothing_from_the_app()
    {
        var alerts = (await scenes.Plain).Of("Microsoft.Insights/metricAlerts");

        Assert.Equal(["DeadletteredMessages", "Http5xx"], alerts.Select(a => a.At("criteria", "allOf")![0]!["metricName"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.All(alerts, a => Assert.Single(a.At("actions")!.AsArray()));
    }

    [Fact]
    public async Task Everything_says_whose_it_is()
    {
        foreach (var deployment in await scenes.AllAsync())
        {
            // What has a place of its own can hold tags.
            foreach (var resource in deployment.Resources.Where(r => r.Json["location"] is not null))
                Assert.True(resource.Json["tags"]?["system"]?.GetValue<string>() == "ear" && resource.Json["tags"]!["azd-env-name"] is not null, resource.Id);
            Assert.Equal("ear", deployment.Of("Microsoft.Web/sites").Single().Json["tags"]!["azd-service-name"]!.GetValue<string>());
        }
    }
}
