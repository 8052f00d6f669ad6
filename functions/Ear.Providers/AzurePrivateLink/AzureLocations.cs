using System.Collections.Frozen;

namespace Ear.Providers.AzurePrivateLink;

/// <summary>Azure's names of the regions that Atlas names otherwise (spec atlas-ear §2.2).</summary>
internal static class AzureLocations
{
    /// <summary>Those that are not Atlas's name in small letters without its underscores.</summary>
    private static readonly FrozenDictionary<string, string> Others = new Dictionary<string, string>
    {
        ["US_CENTRAL"] = "centralus",
        ["US_EAST"] = "eastus",
        ["US_EAST_2"] = "eastus2",
        ["US_NORTH_CENTRAL"] = "northcentralus",
        ["US_WEST"] = "westus",
        ["US_SOUTH_CENTRAL"] = "southcentralus",
        ["US_WEST_CENTRAL"] = "westcentralus",
        ["US_WEST_2"] = "westus2",
        ["US_WEST_3"] = "westus3",
        ["EUROPE_NORTH"] = "northeurope",
        ["EUROPE_WEST"] = "westeurope",
        ["INDIA_CENTRAL"] = "centralindia",
        ["INDIA_SOUTH"] = "southindia",
        ["INDIA_WEST"] = "westindia",
        ["ASIA_EAST"] = "eastasia",
        ["ASIA_SOUTH_EAST"] = "southeastasia",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <param name="region">In Atlas's form: <c>US_EAST_2</c>.</param>
    /// <returns>In Azure's form: <c>eastus2</c>.</returns>
    public static string Of(string region) => Others.GetValueOrDefault(region) ?? region.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
}
