using Ear.CustomerKeys;
using Ear.PrivateEndpoints;
using Ear.Providers.AzurePrivateLink;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Ear.Providers.Tests.AzurePrivateLink;

public sealed class AzurePrivateLinkOptionsTests
{
    private const string Prefix = $"{AzurePrivateLinkOptions.Section}:";
    private static readonly Dictionary<string, string?> Good = new()
    {
        [$"{Prefix}SubscriptionId"] = ArmStandIn.Subscription,
        [$"{Prefix}ResourceGroup"] = ArmStandIn.Group,
        [$"{Prefix}Regions:US_EAST_2:SubnetId"] = AzureLinkWorld.Subnet,
        [$"{Prefix}Regions:US_EAST_2:DnsZoneId"] = $"/subscriptions/{ArmStandIn.Subscription}/resourceGroups/network/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net",
    };

    [Fact]
    public void Nothing_said_is_nothing_added()
        => Assert.Empty(new ServiceCollection().AddAzurePrivateLink(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [$"{Prefix}SubscriptionId"] = "" }).Build()));

    [Fact]
    public void What_is_needed_is_enough() => Assert.Equal(new Uri("https://management.azure.com/"), Read([]).ManagementEndpoint);

    [Theory]
    [InlineData("SubscriptionId", "mine")]
    [InlineData("SubscriptionId", "")]
    [InlineData("ResourceGroup", "")]
    [InlineData("ResourceGroup", "/subscriptions/s/resourceGroups/g")]
    [InlineData("ResourceGroup", "ends.")]
    [InlineData("Regions:US_EAST_2:SubnetId", "")]
    [InlineData("Regions:US_EAST_2:SubnetId", "/subscriptions/s/resourceGroups/network/providers/Microsoft.Network/virtualNetworks/ear")]
    [InlineData("Regions:US_EAST_2:DnsZoneId", "privatelink.vaultcore.azure.net")]
    [InlineData("Regions:eastus2:SubnetId", AzureLinkWorld.Subnet, "Regions:eastus2")]
    [InlineData("ManagementEndpoint", "http://management.azure.com/")]
    [InlineData("ManagementEndpoint", "management.azure.com")]
    [InlineData("CaFile", "/nowhere/ca.pem")]
    [InlineData("AttemptTimeout", "00:00:00.5")]
    [InlineData("AttemptTimeout", "00:02:01")]
    public void What_cannot_work_is_told_with_its_setting(string setting, string value, string? named = null)
    {
        var told = Assert.Throws<OptionsValidationException>(() => Read(new() { [Prefix + setting] = value })).Failures;

        Assert.Contains(told, f => f.StartsWith($"{Prefix}{named ?? setting} ", StringComparison.Ordinal));
    }

    [Fact]
    public void All_faults_are_told_at_once()
        => Assert.Equal(3, Assert.Throws<OptionsValidationException>(() => Read(new() { [$"{Prefix}SubscriptionId"] = "", [$"{Prefix}ResourceGroup"] = "", [$"{Prefix}AttemptTimeout"] = "0" })).Failures.Count());

    /// <summary>Azure's own list of its regions, by the names that its documentation gives them.</summary>
    [Theory]
    [InlineData("US_CENTRAL", "centralus")]
    [InlineData("US_EAST_2", "eastus2")]
    [InlineData("US_WEST_3", "westus3")]
    [InlineData("EUROPE_WEST", "westeurope")]
    [InlineData("AUSTRALIA_SOUTH_EAST", "australiasoutheast")]
    [InlineData("ASIA_SOUTH_EAST", "southeastasia")]
    [InlineData("INDIA_CENTRAL", "centralindia")]
    [InlineData("GERMANY_WEST_CENTRAL", "germanywestcentral")]
    [InlineData("BRAZIL_SOUTHEAST", "brazilsoutheast")]
    [InlineData("UK_SOUTH", "uksouth")]
    [InlineData("US_GOV_VIRGINIA", "usgovvirginia")]
    [InlineData("NEW_ZEALAND_NORTH", "newzealandnorth")]
    public void Regions_have_azures_names(string atlas, string azure)
    {
        Assert.Equal(azure, AzureLocations.Of(atlas));
        Assert.NotNull(PrivateEndpointRegions.Normalise(KeyProvider.Azure, atlas));
    }

    private static AzurePrivateLinkOptions Read(Dictionary<string, string?> changes)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(Good).AddInMemoryCollection(changes).Build();
        using var services = new ServiceCollection().AddAzurePrivateLink(configuration).BuildServiceProvider();
        return services.GetRequiredService<IOptions<AzurePrivateLinkOptions>>().Value;
    }
}
