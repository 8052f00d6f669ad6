using System.Text.RegularExpressions;
using Ear.Infra.Tests.Compiling;

namespace Ear.Infra.Tests;

/// <summary>No key, and nothing that holds one, leaves a service; services are reached privately.</summary>
public sealed partial class SecrecyTests(Scenes scenes)
{
    [Fact]
    public async Task No_template_asks_a_service_for_its_keys()
    {
        foreach (var compiled in new[] { (await scenes.Main).Output, (await scenes.Endpoint).Output })
        {
            Assert.NotEmpty(compiled);
            Assert.DoesNotMatch(AsksForKeys(), compiled);
            Assert.DoesNotMatch(HoldsKeys(), compiled);
        }
    }

    [Fact]
    public async Task Outputs_say_names_and_addresses_and_nothing_else()
    {
        foreach (var deployment in await scenes.AllAsync())
            Assert.Equal(["AZURE_RESOURCE_GROUP", "EAR_APP_NAME", "EAR_IDENTITY_CLIENT_ID", "EAR_OUTBOUND_ADDRESS", "EAR_URL", "EAR_VAULT_NAME"], deployment.Outputs.Select(o => o.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Storage_takes_neither_keys_nor_the_public_network()
    {
        foreach (var deployment in await scenes.AllAsync())
        {
            var accounts = deployment.Of("Microsoft.Storage/storageAccounts");
            Assert.Equal(3, accounts.Count);
            foreach (var account in accounts)
            {
                Assert.Equal("false", account.Text("allowSharedKeyAccess"));
                Assert.Equal("false", account.Text("allowBlobPublicAccess"));
                Assert.Equal("false", account.Text("allowCrossTenantReplication"));
                Assert.Equal("Disabled", account.Text("publicNetworkAccess"));
                Assert.Equal("Deny", account.Text("networkAcls", "defaultAction"));
                Assert.Equal("TLS1_2", account.Text("minimumTlsVersion"));
                Assert.Equal("true", account.Text("supportsHttpsTrafficOnly"));
            }
            Assert.All(deployment.Of("Microsoft.Storage/storageAccounts/blobServices/containers"), c => Assert.Equal("None", c.Text("publicAccess")));
        }
    }

    [Fact]
    public async Task The_bus_takes_no_keys_and_is_private_where_it_can_be()
    {
        foreach (var deployment in await scenes.AllAsync())
        {
            var bus = deployment.Of("Microsoft.ServiceBus/namespaces").Single();
            Assert.Equal("true", bus.Text("disableLocalAuth"));
            Assert.Equal("1.2", bus.Text("minimumTlsVersion"));
            Assert.Equal(bus.Json["sku"]!["name"]!.GetValue<string>() == "Premium" ? "Disabled" : "Enabled", bus.Text("publicNetworkAccess"));
        }
        Assert.Equal("Premium", (await scenes.Plain).Of("Microsoft.ServiceBus/namespaces").Single().Json["sku"]!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_vault_keeps_what_was_deleted_and_is_private()
    {
        foreach (var deployment in await scenes.AllAsync())
        {
            var vault = deployment.Of("Microsoft.KeyVault/vaults").Single();
            Assert.Equal("true", vault.Text("enablePurgeProtection"));
            Assert.Equal("true", vault.Text("enableRbacAuthorization"));
            Assert.Equal("90", vault.Text("softDeleteRetentionInDays"));
            Assert.Equal("Disabled", vault.Text("publicNetworkAccess"));
            Assert.Equal("Deny", vault.Text("networkAcls", "defaultAction"));
        }
    }

    [Fact]
    public async Task The_key_wraps_and_unwraps_is_never_exported_and_turns_by_itself()
    {
        var key = (await scenes.Everything).Of("Microsoft.KeyVault/vaults/keys").Single();

        Assert.EndsWith("/ear-data", key.Name, StringComparison.Ordinal);
        Assert.Equal("RSA-HSM", key.Text("kty"));
        Assert.Equal(["unwrapKey", "wrapKey"], key.At("keyOps")!.AsArray().Select(o => o!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.Equal("false", key.Text("attributes", "exportable"));
        var actions = key.At("rotationPolicy", "lifetimeActions")!.AsArray();
        Assert.Contains(actions, a => a!["action"]!["type"]!.GetValue<string>() == "rotate" && a["trigger"]!["timeAfterCreate"]!.GetValue<string>() == "P180D");
        Assert.Equal("RSA", (await scenes.Plain).Of("Microsoft.KeyVault/vaults/keys").Single().Text("kty"));
    }

    [Fact]
    public async Task The_app_takes_https_alone_and_no_publishing_password()
    {
        foreach (var deployment in await scenes.AllAsync())
        {
            var app = deployment.Of("Microsoft.Web/sites").Single();
            Assert.Equal("true", app.Text("httpsOnly"));
            Assert.Equal("1.2", app.Text("siteConfig", "minTlsVersion"));
            Assert.Equal("UserAssigned", app.Json["identity"]!["type"]!.GetValue<string>());
            Assert.Equal("UserAssignedIdentity", app.Text("functionAppConfig", "deployment", "storage", "authentication", "type"));
            var passwords = deployment.Of("Microsoft.Web/sites/basicPublishingCredentialsPolicies");
            Assert.Equal(2, passwords.Count);
            Assert.All(passwords, p => Assert.Equal("false", p.Text("allow")));
        }
    }

    /// <summary>What the world can open a connection to: the door itself, telemetry (docs/decisions/0008), and what was chosen so. A new kind of resource goes into one of the lists.</summary>
    [Fact]
    public async Task What_is_reached_over_the_public_network_is_a_short_list()
    {
        Assert.Equal(["components", "sites", "workspaces"], Open(await scenes.Plain));
        Assert.Equal(["components", "schedulers", "sites", "workspaces"], Open(await scenes.Everything));
        Assert.Equal(["components", "namespaces", "sites", "workspaces"], Open(await scenes.Small));
        Assert.Single((await scenes.Everything).Of("Microsoft.DurableTask/schedulers").Single().At("ipAllowlist")!.AsArray());
        foreach (var deployment in await scenes.AllAsync())
            Assert.Empty(deployment.Resources.Where(r => r.Json["location"] is not null).Select(r => r.Type).Except(Answers).Except(Silent));
    }

    private static IEnumerable<string> Open(Deployment deployment)
        => deployment.Resources.Where(r => Answers.Contains(r.Type) && r.Text("publicNetworkAccess") != "Disabled").Select(r => r.Type.Split('/')[1]).Distinct().Order(StringComparer.Ordinal);

    private static readonly string[] Answers =
    [
        "Microsoft.DurableTask/schedulers", "Microsoft.Insights/components", "Microsoft.KeyVault/vaults", "Microsoft.OperationalInsights/workspaces", "Microsoft.ServiceBus/namespaces",
        "Microsoft.Storage/storageAccounts", "Microsoft.Web/sites",
    ];

    private static readonly string[] Silent =
    [
        "Microsoft.Insights/actionGroups", "Microsoft.Insights/metricAlerts", "Microsoft.Insights/scheduledQueryRules", "Microsoft.ManagedIdentity/userAssignedIdentities", "Microsoft.Network/natGateways",
        "Microsoft.Network/networkSecurityGroups", "Microsoft.Network/privateDnsZones", "Microsoft.Network/privateDnsZones/virtualNetworkLinks", "Microsoft.Network/privateEndpoints",
        "Microsoft.Network/publicIPAddresses", "Microsoft.Network/virtualNetworks", "Microsoft.Resources/resourceGroups", "Microsoft.Web/serverfarms",
    ];

    [Fact]
    public async Task Telemetry_takes_no_keys()
    {
        foreach (var deployment in await scenes.AllAsync())
        {
            Assert.Equal("true", deployment.Of("Microsoft.Insights/components").Single().Text("DisableLocalAuth"));
            Assert.Equal("true", deployment.Of("Microsoft.OperationalInsights/workspaces").Single().Text("features", "disableLocalAuth"));
        }
    }

    [GeneratedRegex(@"\blist(Keys|Secrets|AccountSas|ServiceSas|Credentials|ConnectionStrings|)\(", RegexOptions.IgnoreCase)]
    private static partial Regex AsksForKeys();

    [GeneratedRegex("AccountKey=|SharedAccessKey|SharedAccessSignature|InstrumentationKey=|primaryKey|primaryConnectionString", RegexOptions.IgnoreCase)]
    private static partial Regex HoldsKeys();
}
