using System.Diagnostics.Metrics;
using Azure.Core;
using Azure.Identity;
using Azure.Monitor.OpenTelemetry.Exporter;
using Ear.Functions.Telemetry;
using Ear.Infra.Tests.Compiling;
using Ear.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

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
            var held = deployment.Of("Microsoft.Authorization/locks").Single(l => l.Id.StartsWith(data.Id, StringComparison.Ordinal));
            Assert.Equal("CanNotDelete", held.Text("level"));
        }
    }

    [Fact]
    public async Task Copies_of_the_state_can_be_added_and_nobody_can_change_them_before_they_go_by_themselves()
    {
        foreach (var deployment in await scenes.AllAsync())
        {
            var account = deployment.Of("Microsoft.Storage/storageAccounts").Single(a => a.Name.StartsWith("earcopy", StringComparison.Ordinal));
            var policy = deployment.Of("Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies").Single();
            var rule = deployment.Of("Microsoft.Storage/storageAccounts/managementPolicies").Single(p => p.Name.StartsWith(account.Name, StringComparison.Ordinal)).At("policy", "rules")!.AsArray().Single()!;
            var kept = int.Parse(policy.Text("immutabilityPeriodSinceCreationInDays")!, System.Globalization.CultureInfo.InvariantCulture);

            Assert.StartsWith($"{account.Id}/blobServices/default/containers/ear-copies/", policy.Id, StringComparison.Ordinal);
            Assert.Equal("false", policy.Text("allowProtectedAppendWrites"));
            Assert.Equal("ear-copies", deployment.Settings["Ear__Copies__Container"]);
            Assert.True(rule["definition"]!["actions"]!["baseBlob"]!["delete"]!["daysAfterCreationGreaterThan"]!.GetValue<int>() > kept && kept >= 7);
            Assert.Equal("true", deployment.Of("Microsoft.Storage/storageAccounts/blobServices").Single(b => b.Name.StartsWith(account.Name, StringComparison.Ordinal)).Text("deleteRetentionPolicy", "enabled"));
            Assert.Contains(deployment.Of("Microsoft.Authorization/locks"), l => l.Id.StartsWith(account.Id, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Without_copies_there_is_neither_an_account_nor_a_role_nor_a_place_in_the_settings()
    {
        var deployment = await Deployment.ForeseeAsync($"param environmentName = 'orders'\nparam location = 'northeurope'\nparam copies = false\nparam locks = false\n{Scenes.Needed}");

        Assert.Equal(2, deployment.Of("Microsoft.Storage/storageAccounts").Count);
        Assert.Empty(deployment.Of("Microsoft.Authorization/roleDefinitions"));
        Assert.Equal("", deployment.Settings["Ear__Copies__BlobServiceUri"]);
        // And without a role that may make locks, there is none.
        Assert.Empty(deployment.Of("Microsoft.Authorization/locks"));
    }

    /// <summary>Azure takes no other policy once one is locked, so a deployment that sets it again would fail.</summary>
    [Fact]
    public async Task A_policy_of_copies_that_was_locked_is_left_as_it_is()
    {
        var deployment = await Deployment.ForeseeAsync($"param environmentName = 'orders'\nparam location = 'northeurope'\nparam copiesLocked = true\n{Scenes.Needed}");

        Assert.Empty(deployment.Of("Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies"));
        Assert.Contains(deployment.Of("Microsoft.Storage/storageAccounts/blobServices/containers"), c => c.Name.EndsWith("/ear-copies", StringComparison.Ordinal));
    }

    [Fact]
    public async Task State_and_copies_are_in_two_regions_where_that_is_asked_for()
        => Assert.Equal(["earcopy Standard_RAGZRS", "eardata Standard_RAGZRS", "earhost Standard_ZRS"],
            (await scenes.Everything).Of("Microsoft.Storage/storageAccounts").Select(a => $"{a.Name[..7]} {a.Json["sku"]!["name"]}").Order(StringComparer.Ordinal));

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
    [InlineData("shut-downs-suspended", "ear.shut_downs.suspended", "GreaterThan")]
    [InlineData("dead-letters", "ear.dead_letters", "GreaterThan")]
    [InlineData("copy-late", "ear.state.export.age", "GreaterThan")]
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
        Assert.Contains(metric, Metrics());
        Assert.Equal(when, criterion["operator"]!.GetValue<string>());
    }

    /// <summary>Application Insights takes no key (monitoring.bicep), so what the app sends without a token is thrown away.</summary>
    [Fact]
    public void The_app_sends_its_telemetry_as_its_own_identity()
    {
        var identity = new ManagedIdentityCredential(ManagedIdentityId.SystemAssigned);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            [new("APPLICATIONINSIGHTS_CONNECTION_STRING", "InstrumentationKey=00000000-0000-0000-0000-000000000000")]).Build();
        using var services = new ServiceCollection().AddSingleton<TokenCredential>(identity).AddEarTelemetry(configuration).BuildServiceProvider();

        Assert.Same(identity, services.GetRequiredService<IOptionsMonitor<AzureMonitorExporterOptions>>().Get(Options.DefaultName).Credential);
    }

    /// <summary>Host and worker read these; their own default differs from process to process, and traces would have holes.</summary>
    [Fact]
    public async Task What_is_kept_of_the_traces_is_said_in_words_that_the_exporter_takes()
    {
        foreach (var deployment in await scenes.AllAsync())
            Assert.Equal(("microsoft.fixed_percentage", "1"), (deployment.Settings["OTEL_TRACES_SAMPLER"], deployment.Settings["OTEL_TRACES_SAMPLER_ARG"]));
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
        Assert.All((await scenes.Everything).Resources.Where(r => r.Json["location"] is not null), r => Assert.Equal("platform", r.Json["tags"]!["owner"]!.GetValue<string>()));
    }

    /// <summary>Those that the app has.</summary>
    private static List<string> Metrics()
    {
        var names = new List<string>();
        using var listener = new MeterListener { InstrumentPublished = (i, _) => { if (i.Meter.Name == EarMeters.Name) lock (names) names.Add(i.Name); } };
        listener.Start();
        GC.KeepAlive(new EarMeters());
        lock (names)
            return [.. names];
    }
}
