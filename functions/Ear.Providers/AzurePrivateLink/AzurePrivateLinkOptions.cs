using System.Text.RegularExpressions;
using Azure.Core;
using Ear.CustomerKeys;
using Ear.PrivateEndpoints;
using Ear.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AzurePrivateLink;

/// <summary>Where Ear makes private endpoints to its customers' key vaults. Checked before the first request, all faults at once. All of it empty: none are made.</summary>
public sealed class AzurePrivateLinkOptions
{
    public const string Section = "Ear:PrivateLink";

    private static readonly Uri Azures = new("https://management.azure.com/");

    /// <summary>Ear's own subscription, a uuid.</summary>
    public string SubscriptionId { get; set; } = "";

    /// <summary>
    /// What the endpoints and their deployments lie in; 1 to 90 characters. Endpoints are looked for here: changed while there are some, those are taken for
    /// removed, and are made again in the new place.
    /// </summary>
    public string ResourceGroup { get; set; } = "";

    /// <summary>By region in Atlas's form (<c>US_EAST_2</c>); at least one. A customer can have an endpoint in these and in no others.</summary>
    public Dictionary<string, AzurePrivateLinkRegion> Regions { get; } = new(StringComparer.Ordinal);

    /// <summary>Azure Resource Manager of the cloud that Ear runs in, which is the audience of its tokens, too. Default: Azure's own.</summary>
    public Uri ManagementEndpoint { get; set => field = value ?? Azures; } = Azures;

    /// <summary>Certificate (PEM) of the authority that <see cref="ManagementEndpoint"/> may have its own from: an Azure Stack Hub, a stand-in. Default: the system's.</summary>
    public string? CaFile { get; set => field = string.IsNullOrEmpty(value) ? null : value; }

    /// <summary>How long Azure Resource Manager may take for one answer. Default 30 s, 1 s to 2 min; what it takes longer than that is seen at the next look.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Asked before any setting is checked, so of the text alone.</summary>
    internal static bool IsOff(IConfiguration section)
        => string.IsNullOrEmpty(section[nameof(SubscriptionId)]) && string.IsNullOrEmpty(section[nameof(ResourceGroup)])
            && section.GetSection(nameof(Regions)).GetChildren().All(r => string.IsNullOrEmpty(r[nameof(AzurePrivateLinkRegion.SubnetId)]));
}

/// <summary>Ear's network in one region.</summary>
public sealed class AzurePrivateLinkRegion
{
    /// <summary>Full resource id of the subnet that endpoints take their address from. Ear must be able to reach it: its own network, or one that is peered with it.</summary>
    public string SubnetId { get; set; } = "";

    /// <summary>
    /// Full resource id of a zone <c>privatelink.vaultcore.azure.net</c> in which each endpoint writes its vault's name. Ear does not need it: it goes by
    /// addresses. Default: none, and see docs/decisions/0010 before you give one.
    /// </summary>
    public string DnsZoneId { get; set; } = "";
}

internal sealed partial class AzurePrivateLinkOptionsCheck : IValidateOptions<AzurePrivateLinkOptions>
{
    private const string Subnet = "Microsoft.Network/virtualNetworks/subnets";
    private const string Zone = "Microsoft.Network/privateDnsZones";

    public ValidateOptionsResult Validate(string? name, AzurePrivateLinkOptions options)
    {
        var faults = new OptionFaults(AzurePrivateLinkOptions.Section);
        if (!Guid.TryParseExact(options.SubscriptionId, "D", out _))
            faults.Add(nameof(options.SubscriptionId), $"is '{options.SubscriptionId}'; give the id of Ear's subscription, a uuid with hyphens.");
        if (!GroupName().IsMatch(options.ResourceGroup))
            faults.Add(nameof(options.ResourceGroup), $"is '{options.ResourceGroup}'; give the name (not the id) of the resource group for private endpoints.");
        if (options.Regions.Count == 0)
            faults.Add(nameof(options.Regions), "has none; give at least one, as Regions:US_EAST_2:SubnetId.");
        foreach (var (region, network) in options.Regions)
            Check(faults, $"{nameof(options.Regions)}:{region}", region, network);
        if (!options.ManagementEndpoint.IsAbsoluteUri || options.ManagementEndpoint.Scheme != "https")
            faults.Add(nameof(options.ManagementEndpoint), $"is {options.ManagementEndpoint}; give an https address, as https://management.azure.com/.");
        faults.File(nameof(options.CaFile), options.CaFile);
        faults.Within(nameof(options.AttemptTimeout), options.AttemptTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2));
        return faults.Result;
    }

    private static void Check(OptionFaults faults, string setting, string region, AzurePrivateLinkRegion network)
    {
        if (PrivateEndpointRegions.Normalise(KeyProvider.Azure, region) is null)
            faults.Add(setting, "is no region of Azure as Atlas writes it; write US_EAST_2 for eastus2.");
        if (!IsIdOf(network.SubnetId, Subnet))
            faults.Add($"{setting}:{nameof(network.SubnetId)}", $"is '{network.SubnetId}'; give the full resource id of a subnet (…/{Subnet.Replace("/", "/…/", StringComparison.Ordinal)}/…).");
        if (network.DnsZoneId.Length > 0 && !IsIdOf(network.DnsZoneId, Zone))
            faults.Add($"{setting}:{nameof(network.DnsZoneId)}", $"is '{network.DnsZoneId}'; give the full resource id of a private DNS zone, or leave it out.");
    }

    private static bool IsIdOf(string id, string type) => ResourceIdentifier.TryParse(id, out var parsed) && parsed is not null && parsed.ResourceType == new ResourceType(type);

    [GeneratedRegex(@"\A[\p{L}\p{N}_().-]{0,89}[\p{L}\p{N}_()-]\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex GroupName();
}
