using System.Text.RegularExpressions;
using Ear.Infra.Tests.Compiling;

namespace Ear.Infra.Tests;

/// <summary>Names within Azure's limits, however the environment is called.</summary>
public sealed class NameTests(Scenes scenes)
{
    // From Azure's naming rules; a kind of resource that is not here is a new one, and its rule is to be looked up. A child has the name behind the last slash.
    private static readonly Dictionary<string, Regex> Rules = new(StringComparer.Ordinal)
    {
        ["Microsoft.Resources/resourceGroups"] = Rule(@"[\w.()-]{0,89}[\w()-]"),
        ["Microsoft.ManagedIdentity/userAssignedIdentities"] = Rule("[A-Za-z0-9][A-Za-z0-9_-]{2,127}"),
        ["Microsoft.OperationalInsights/workspaces"] = Rule("[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]"),
        ["Microsoft.Insights/components"] = Rule(@"[^%&\\?/]{1,254}[^%&\\?/ .]"),
        ["Microsoft.Insights/diagnosticSettings"] = Rule("[A-Za-z0-9-]{1,260}"),
        ["Microsoft.Insights/actionGroups"] = Rule("[A-Za-z0-9_-]{1,260}"),
        ["Microsoft.Insights/scheduledQueryRules"] = Rule("[A-Za-z0-9_-]{1,260}"),
        ["Microsoft.Insights/metricAlerts"] = Rule("[A-Za-z0-9_-]{1,260}"),
        ["Microsoft.Network/publicIPAddresses"] = Rule(@"[A-Za-z0-9][A-Za-z0-9_.-]{0,78}\w"),
        ["Microsoft.Network/natGateways"] = Rule(@"[A-Za-z0-9][A-Za-z0-9_.-]{0,78}\w"),
        ["Microsoft.Network/networkSecurityGroups"] = Rule(@"[A-Za-z0-9][A-Za-z0-9_.-]{0,78}\w"),
        ["Microsoft.Network/virtualNetworks"] = Rule(@"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}\w"),
        ["Microsoft.Network/virtualNetworks/virtualNetworkPeerings"] = Rule(@"[A-Za-z0-9][A-Za-z0-9_.-]{0,78}\w"),
        ["Microsoft.Network/privateEndpoints"] = Rule(@"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}\w"),
        ["Microsoft.Network/privateEndpoints/privateDnsZoneGroups"] = Rule("default"),
        ["Microsoft.Network/privateDnsZones"] = Rule(@"privatelink\.[a-z.]{1,50}"),
        ["Microsoft.Network/privateDnsZones/virtualNetworkLinks"] = Rule(@"[A-Za-z0-9][A-Za-z0-9_.-]{0,78}\w"),
        ["Microsoft.Storage/storageAccounts"] = Rule("[a-z0-9]{3,24}"),
        ["Microsoft.Storage/storageAccounts/blobServices"] = Rule("default"),
        ["Microsoft.Storage/storageAccounts/tableServices"] = Rule("default"),
        ["Microsoft.Storage/storageAccounts/managementPolicies"] = Rule("default"),
        ["Microsoft.Storage/storageAccounts/blobServices/containers"] = Rule("[a-z0-9](-?[a-z0-9]){2,62}"),
        ["Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies"] = Rule("default"),
        ["Microsoft.ServiceBus/namespaces"] = Rule("[A-Za-z](-?[A-Za-z0-9]){5,49}"),
        ["Microsoft.ServiceBus/namespaces/topics"] = Rule(@"[A-Za-z0-9][A-Za-z0-9._~/-]{0,259}"),
        ["Microsoft.ServiceBus/namespaces/topics/subscriptions"] = Rule("[A-Za-z0-9][A-Za-z0-9._-]{0,49}"),
        ["Microsoft.ServiceBus/namespaces/topics/subscriptions/rules"] = Rule(@"\$Default"),
        ["Microsoft.KeyVault/vaults"] = Rule("[A-Za-z](-?[A-Za-z0-9]){2,23}"),
        ["Microsoft.KeyVault/vaults/keys"] = Rule("[A-Za-z0-9-]{1,127}"),
        ["Microsoft.DurableTask/schedulers"] = Rule("[A-Za-z0-9-]{3,64}"),
        ["Microsoft.DurableTask/schedulers/taskHubs"] = Rule("[A-Za-z0-9-]{3,64}"),
        ["Microsoft.Web/serverfarms"] = Rule("[A-Za-z0-9-]{1,60}"),
        // 32: the host's id, by which apps share a storage account, is cut there.
        ["Microsoft.Web/sites"] = Rule("[A-Za-z0-9](-?[A-Za-z0-9]){1,31}"),
        ["Microsoft.Web/sites/basicPublishingCredentialsPolicies"] = Rule("scm|ftp"),
        ["Microsoft.Authorization/locks"] = Rule("[A-Za-z0-9-]{1,90}"),
        ["Microsoft.Authorization/roleAssignments"] = Rule("[0-9a-f-]{36}"),
        ["Microsoft.Authorization/roleDefinitions"] = Rule("[0-9a-f-]{36}"),
    };

    [Fact]
    public async Task Every_name_is_one_that_Azure_takes()
    {
        foreach (var deployment in await scenes.AllAsync())
        {
            foreach (var resource in deployment.Resources)
            {
                Assert.True(Rules.TryGetValue(resource.Type, out var rule), $"{resource.Type} is new: add the rule of its names.");
                var name = Evaluated(resource.Name).Split('/')[^1];
                Assert.True(rule.IsMatch(name), $"{resource.Type} '{name}' does not match {rule}.");
                Assert.DoesNotContain("--", name, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task No_two_resources_of_a_kind_have_one_id()
    {
        foreach (var deployment in await scenes.AllAsync())
            Assert.Equal(deployment.Resources.Count(), deployment.Resources.Select(r => r.Id.ToUpperInvariant()).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task The_interface_of_an_endpoint_has_a_name_that_fits()
    {
        foreach (var deployment in await scenes.AllAsync())
            Assert.All(deployment.Of("Microsoft.Network/privateEndpoints"), e => Assert.InRange(e.Text("customNetworkInterfaceName")!.Length, 1, 80));
    }

    [Fact]
    public async Task Environments_of_names_that_begin_alike_share_nothing()
    {
        var other = await Deployment.ForeseeAsync($"param environmentName = 'orders-2'\nparam location = 'northeurope'\n{Scenes.Needed}");
        var one = await Deployment.ForeseeAsync($"param environmentName = 'orders-2-test'\nparam location = 'northeurope'\n{Scenes.Needed}");

        foreach (var type in new[] { "Microsoft.Resources/resourceGroups", "Microsoft.Storage/storageAccounts", "Microsoft.KeyVault/vaults", "Microsoft.ServiceBus/namespaces", "Microsoft.Web/sites" })
            Assert.Empty(one.Of(type).Select(r => r.Name).Intersect(other.Of(type).Select(r => r.Name), StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>A zone's name holds the cloud's suffix, which the compiler leaves open.</summary>
    private static string Evaluated(string name) => name switch
    {
        _ when Regex.Match(name, @"^\[format\('(privatelink\.\w+\.)\{0\}', environment\(\)\.suffixes\.storage\)\]$") is { Success: true } zone => zone.Groups[1].Value + "core.windows.net",
        _ when Regex.Match(name, @"^\[format\('\{0\}/\{1\}', format\('privatelink\.\w+\.\{0\}', environment\(\)\.suffixes\.storage\), '([^']+)'\)\]$") is { Success: true } link => link.Groups[1].Value,
        _ => name,
    };

    private static Regex Rule(string pattern) => new($@"\A({pattern})\z", RegexOptions.CultureInvariant);
}
