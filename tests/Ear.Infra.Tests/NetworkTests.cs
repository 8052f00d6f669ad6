using System.Text.Json.Nodes;
using Ear.Infra.Tests.Compiling;

namespace Ear.Infra.Tests;

/// <summary>Which way traffic can go.</summary>
public sealed class NetworkTests(Scenes scenes)
{
    [Fact]
    public async Task Each_service_has_an_endpoint_in_the_apps_network_and_a_name_there()
    {
        var plain = await scenes.Plain;
        var endpoints = plain.Of("Microsoft.Network/privateEndpoints");

        Assert.Equal(["earhost blob", "earhost queue", "earhost table", "eardata blob", "eardata table", "earcopy blob", "namespaces namespace", "vaults vault"],
            endpoints.Select(Target), Comparer);
        Assert.All(endpoints, e => Assert.EndsWith("/subnets/endpoints", e.Text("subnet", "id"), StringComparison.Ordinal));
        Assert.Equal(endpoints.Count, plain.Of("Microsoft.Network/privateEndpoints/privateDnsZoneGroups").Count);
        Assert.DoesNotContain((await scenes.Small).Of("Microsoft.Network/privateEndpoints"), e => Target(e).StartsWith("namespaces", StringComparison.Ordinal));
    }

    /// <summary>Each endpoint and each peering changes a network, and Azure refuses a change while another one is made (ReferencedResourceNotProvisioned).</summary>
    [Fact]
    public async Task Networks_are_changed_by_one_at_a_time_and_the_app_comes_last()
    {
        var parts = JsonNode.Parse((await scenes.Main).Output)!["resources"]!.AsObject();
        var changing = parts.Where(p => (p.Value!["properties"] as JsonObject)?["template"] is { } inner && (Holds(inner, "Microsoft.Network/privateEndpoints") || Holds(inner, "Microsoft.Network/virtualNetworks/virtualNetworkPeerings")))
            .ToDictionary(p => p.Key, p => p.Value!, StringComparer.Ordinal);

        Assert.Equal(["endpoints", "fromHub", "regionNetworks"], changing.Keys.Order(StringComparer.Ordinal));
        Assert.All(changing, p => Assert.Equal(("serial", 1), (p.Value["copy"]!["mode"]!.GetValue<string>(), p.Value["copy"]!["batchSize"]!.GetValue<int>())));
        Assert.Contains("endpoints", Before("regionNetworks"));
        Assert.Contains("regionNetworks", Before("fromHub").Select(b => b.StartsWith("[format('regionNetworks", StringComparison.Ordinal) ? "regionNetworks" : b));
        Assert.Superset(new HashSet<string> { "endpoints", "fromHub" }, Before("app").ToHashSet(StringComparer.Ordinal));

        IEnumerable<string> Before(string part) => parts[part]!["dependsOn"]!.AsArray().Select(d => d!.GetValue<string>());
    }

    private static bool Holds(JsonNode template, string type)
        => ResourcesOf(template).Any(r => r["type"]!.GetValue<string>() == type || ((r["properties"] as JsonObject)?["template"] is { } inner && Holds(inner, type)));

    /// <summary>By name, or a list where no resource refers to another one by its.</summary>
    private static IEnumerable<JsonNode> ResourcesOf(JsonNode template) => template["resources"] is JsonObject named ? named.Select(r => r.Value!) : template["resources"]!.AsArray().Select(r => r!);

    [Fact]
    public async Task Names_of_vaults_that_are_private_elsewhere_are_still_found()
    {
        foreach (var deployment in await scenes.AllAsync())
        {
            var links = deployment.Of("Microsoft.Network/privateDnsZones/virtualNetworkLinks");
            Assert.True(links.Count >= 5);
            Assert.All(links, l => Assert.Equal("NxDomainRedirect", l.Text("resolutionPolicy")));
        }
    }

    [Fact]
    public async Task A_region_and_the_app_see_each_other_and_its_zone_is_not_the_apps()
    {
        var deployment = await scenes.Everything;
        var hub = deployment.Of("Microsoft.Network/virtualNetworks").Single(n => Subnets(n).Contains("app"));
        var peerings = deployment.Of("Microsoft.Network/virtualNetworks/virtualNetworkPeerings").Select(p => (From: p.Id[..p.Id.LastIndexOf("/virtualNetworkPeerings/", StringComparison.Ordinal)], To: p.Text("remoteVirtualNetwork", "id")!)).ToList();
        var regions = deployment.Of("Microsoft.Network/virtualNetworks").Where(n => Subnets(n).Contains("vaults")).ToList();

        Assert.Equal(2, regions.Count);
        Assert.All(regions, r => Assert.Contains((r.Id, hub.Id), peerings));
        Assert.All(regions, r => Assert.Contains((hub.Id, r.Id), peerings));
        var zone = deployment.Of("Microsoft.Network/privateDnsZones").Single(z => z.Id.Contains("-link-eastus2/", StringComparison.Ordinal));
        var link = deployment.Of("Microsoft.Network/privateDnsZones/virtualNetworkLinks").Single(l => l.Id.StartsWith(zone.Id, StringComparison.Ordinal));
        Assert.NotEqual(hub.Id, link.Text("virtualNetwork", "id"));
    }

    [Fact]
    public async Task Nothing_comes_in_but_the_apps_own_calls()
    {
        foreach (var deployment in await scenes.AllAsync())
        {
            var app = deployment.Of("Microsoft.Network/virtualNetworks").SelectMany(n => n.At("subnets")!.AsArray()).Single(s => s!["name"]!.GetValue<string>() == "app")!["properties"]!;
            foreach (var group in deployment.Of("Microsoft.Network/networkSecurityGroups"))
            {
                var rules = group.At("securityRules")!.AsArray().Select(r => r!["properties"]!).Where(r => r["direction"]!.GetValue<string>() == "Inbound").ToList();
                Assert.Contains(rules, r => r["access"]!.GetValue<string>() == "Deny" && r["sourceAddressPrefix"]!.GetValue<string>() == "*" && r["destinationPortRange"]!.GetValue<string>() == "*");
                Assert.All(rules.Where(r => r["access"]!.GetValue<string>() == "Allow"), r => Assert.Equal(app["addressPrefix"]!.GetValue<string>(), r["sourceAddressPrefix"]!.GetValue<string>()));
            }
            // Without this the rules above would not count for endpoints.
            Assert.All(deployment.Of("Microsoft.Network/virtualNetworks").SelectMany(n => n.At("subnets")!.AsArray()).Where(s => s!["name"]!.GetValue<string>() != "app"),
                s => Assert.Equal("Enabled", s!["properties"]!["privateEndpointNetworkPolicies"]!.GetValue<string>()));
            Assert.Equal("Microsoft.App/environments", app["delegations"]![0]!["properties"]!["serviceName"]!.GetValue<string>());
            Assert.NotNull(app["natGateway"]);
            Assert.All(deployment.Of("Microsoft.Network/virtualNetworks").SelectMany(n => n.At("subnets")!.AsArray()), s => Assert.NotNull(s!["properties"]!["networkSecurityGroup"]));
        }
    }

    private static IEnumerable<string> Subnets(Resource network) => network.At("subnets")!.AsArray().Select(s => s!["name"]!.GetValue<string>());

    private static string Target(Resource endpoint)
    {
        var connection = endpoint.At("privateLinkServiceConnections")!.AsArray().Single()!["properties"]!;
        var target = connection["privateLinkServiceId"]!.GetValue<string>().Split('/');
        var what = target[^2] == "storageAccounts" ? target[^1][..7] : target[^2];
        return $"{what} {connection["groupIds"]!.AsArray().Single()!.GetValue<string>()}";
    }

    private static readonly IEqualityComparer<IEnumerable<string>> Comparer = EqualityComparer<IEnumerable<string>>.Create(
        (one, other) => one!.Order(StringComparer.Ordinal).SequenceEqual(other!.Order(StringComparer.Ordinal), StringComparer.Ordinal), s => s.Count());
}
