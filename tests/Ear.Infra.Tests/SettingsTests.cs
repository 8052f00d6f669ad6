using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ear.Infra.Tests.Compiling;

namespace Ear.Infra.Tests;

/// <summary>The app's settings in Azure, beside local.settings.sample.json, which names every setting that it reads.</summary>
public sealed partial class SettingsTests(Scenes scenes)
{
    /// <summary>Only for a single machine.</summary>
    private static readonly string[] Local = ["FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage", "Ear__Store__ConnectionString", "Ear__Copies__ConnectionString"];

    /// <summary>Read by the Functions host, or by the exporter of telemetry, not by Ear.</summary>
    private static readonly string[] OfTheHost =
    [
        "AzureWebJobsStorage__", "AzureWebJobsServiceBus__", "APPLICATIONINSIGHTS_CONNECTION_STRING", "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
        "OTEL_TRACES_SAMPLER",
    ];

    /// <summary>Named for a region: in the sample only an example.</summary>
    private static readonly string[] OfRegions = ["Ear__ControlPlane__", "Ear__PrivateLink__Regions__"];

    private static IEnumerable<string> Sample => JsonNode.Parse(Repository.Read("local.settings.sample.json"))!["Values"]!.AsObject().Select(v => v.Key);

    [Fact]
    public async Task Every_setting_is_set_and_no_other()
    {
        var wanted = Sample.Where(IsTheApps).Except(Local).Order(StringComparer.Ordinal);

        foreach (var deployment in await scenes.AllAsync())
            Assert.Equal(wanted, deployment.Settings.Keys.Where(IsTheApps).Except(["DurableTaskScheduler"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Services_are_named_with_the_identity_to_use_and_never_with_a_key()
    {
        foreach (var deployment in await scenes.AllAsync())
        {
            var settings = deployment.Settings;
            Assert.DoesNotContain("AzureWebJobsStorage", settings.Keys);
            Assert.DoesNotContain("AzureWebJobsServiceBus", settings.Keys);
            foreach (var connection in new[] { "AzureWebJobsStorage", "AzureWebJobsServiceBus" })
            {
                Assert.Equal("managedidentity", settings[$"{connection}__credential"]);
                Assert.Equal(settings["Ear__Identity__ClientId"], settings[$"{connection}__clientId"]);
            }
            Assert.Matches(@"userAssignedIdentities/.*\.clientId\]$", settings["Ear__Identity__ClientId"]);
            foreach (var service in new[] { "blob", "queue", "table" })
                Assert.StartsWith($"[format('https://{{0}}.{service}.{{1}}', 'earhost", settings[$"AzureWebJobsStorage__{service}ServiceUri"], StringComparison.Ordinal);
            Assert.StartsWith("[format('https://{0}.table.{1}', 'eardata", settings["Ear__Store__TableServiceUri"], StringComparison.Ordinal);
            Assert.Equal($"{deployment.Of("Microsoft.ServiceBus/namespaces").Single().Name}.servicebus.windows.net", settings["AzureWebJobsServiceBus__fullyQualifiedNamespace"]);
            Assert.StartsWith("[format('https://{0}.blob.{1}', 'earcopy", settings["Ear__Copies__BlobServiceUri"], StringComparison.Ordinal);
            Assert.Contains("/keys/ear-data'", settings["Ear__Secrets__KeyIdentifier"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_could_be_a_secret_is_empty_or_in_the_vault()
    {
        foreach (var deployment in await scenes.AllAsync())
        {
            foreach (var (name, value) in deployment.Settings.Where(s => MayBeSecret().IsMatch(s.Key)))
                Assert.True(value.Length == 0 || value.StartsWith("@Microsoft.KeyVault(", StringComparison.Ordinal), $"{name} is {value}.");
        }
        Assert.Matches(@"^@Microsoft\.KeyVault\(VaultName=ear-\w+;SecretName=google\)$", (await scenes.Everything).Settings["Ear__GoogleCloudKms__ServiceAccountKey"]);
    }

    [Fact]
    public async Task The_operators_own_value_is_the_one_that_counts()
        => Assert.Equal(("500", "50"), ((await scenes.Plain).Settings["Ear__Http__RequestsPerSecond"], (await scenes.Everything).Settings["Ear__Http__RequestsPerSecond"]));

    [Fact]
    public async Task Names_are_of_the_form_that_Linux_apps_take()
    {
        foreach (var deployment in await scenes.AllAsync())
            Assert.All(deployment.Settings.Keys, name => Assert.Matches("^[A-Za-z0-9_]+$", name));
    }

    [Fact]
    public async Task Orchestrations_lie_in_storage_unless_a_scheduler_is_asked_for()
    {
        var (plain, managed) = (await scenes.Plain, await scenes.Everything);

        Assert.Empty(plain.Of("Microsoft.DurableTask/schedulers"));
        Assert.DoesNotContain("DurableTaskScheduler", plain.Settings.Keys);
        Assert.Contains("Authentication=ManagedIdentity", managed.Settings["DurableTaskScheduler"], StringComparison.Ordinal);
        Assert.EndsWith("/EarTasks", managed.Of("Microsoft.DurableTask/schedulers/taskHubs").Single().Name, StringComparison.Ordinal);
        // The scale controller reads only the file (HostJsonTests): a setting would be heard by the host alone.
        Assert.DoesNotContain((await scenes.AllAsync()).SelectMany(d => d.Settings.Keys), k => k.StartsWith("AzureFunctionsJobHost__", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Private_networking_is_off_without_a_region_and_else_knows_the_subnet_of_each()
    {
        var plain = (await scenes.Plain).Settings;
        var everything = await scenes.Everything;
        var subnets = everything.Settings.Where(s => s.Key.EndsWith("__SubnetId", StringComparison.Ordinal)).ToDictionary(s => s.Key, s => s.Value);

        Assert.Equal(("", ""), (plain["Ear__PrivateLink__SubscriptionId"], plain["Ear__PrivateLink__ResourceGroup"]));
        Assert.DoesNotContain(plain.Keys, k => k.StartsWith("Ear__PrivateLink__Regions__", StringComparison.Ordinal));
        Assert.Equal(["Ear__PrivateLink__Regions__GERMANY_WEST_CENTRAL__SubnetId", "Ear__PrivateLink__Regions__US_EAST_2__SubnetId"], subnets.Keys.Order(StringComparer.Ordinal));
        Assert.All(subnets.Values, subnet => Assert.Contains(everything.Of("Microsoft.Network/virtualNetworks"), n => subnet == $"{n.Id}/subnets/vaults"));
        Assert.Contains(everything.Of("Microsoft.Resources/resourceGroups"), g => g.Name == everything.Settings["Ear__PrivateLink__ResourceGroup"]);
        Assert.Equal("", everything.Settings["Ear__PrivateLink__Regions__GERMANY_WEST_CENTRAL__DnsZoneId"]);
        Assert.EndsWith("/privateDnsZones/privatelink.vaultcore.azure.net", everything.Settings["Ear__PrivateLink__Regions__US_EAST_2__DnsZoneId"], StringComparison.Ordinal);
    }

    private static bool IsTheApps(string name) => !OfTheHost.Concat(OfRegions).Any(p => name.StartsWith(p, StringComparison.Ordinal));

    [GeneratedRegex("(Secret|Password|SecretAccessKey|ServiceAccountKey|ConnectionString)$")]
    private static partial Regex MayBeSecret();
}
