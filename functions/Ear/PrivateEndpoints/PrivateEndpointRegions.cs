using System.Collections.Frozen;
using Ear.CustomerKeys;

namespace Ear.PrivateEndpoints;

/// <summary>Regions in which an endpoint can be, in Atlas's form (spec atlas-ear §2.1, §2.2).</summary>
public static class PrivateEndpointRegions
{
    private static readonly FrozenSet<string> Azure = new[]
    {
        "US_CENTRAL", "US_EAST", "US_EAST_2", "US_NORTH_CENTRAL", "US_WEST", "US_SOUTH_CENTRAL", "EUROPE_NORTH", "EUROPE_WEST", "US_WEST_CENTRAL",
        "US_WEST_2", "US_WEST_3", "CANADA_EAST", "CANADA_CENTRAL", "BRAZIL_SOUTH", "BRAZIL_SOUTHEAST", "AUSTRALIA_CENTRAL", "AUSTRALIA_CENTRAL_2",
        "AUSTRALIA_EAST", "AUSTRALIA_SOUTH_EAST", "GERMANY_WEST_CENTRAL", "GERMANY_NORTH", "SWEDEN_CENTRAL", "SWEDEN_SOUTH", "SWITZERLAND_NORTH",
        "SWITZERLAND_WEST", "UK_SOUTH", "UK_WEST", "NORWAY_EAST", "NORWAY_WEST", "INDIA_CENTRAL", "INDIA_SOUTH", "INDIA_WEST", "CHINA_EAST", "CHINA_NORTH",
        "ASIA_EAST", "JAPAN_EAST", "JAPAN_WEST", "ASIA_SOUTH_EAST", "KOREA_CENTRAL", "KOREA_SOUTH", "FRANCE_CENTRAL", "FRANCE_SOUTH", "SOUTH_AFRICA_NORTH",
        "SOUTH_AFRICA_WEST", "UAE_CENTRAL", "UAE_NORTH", "QATAR_CENTRAL", "POLAND_CENTRAL", "ISRAEL_CENTRAL", "ITALY_NORTH", "SPAIN_CENTRAL",
        "MEXICO_CENTRAL", "NEW_ZEALAND_NORTH", "US_GOV_VIRGINIA", "US_GOV_ARIZONA", "US_GOV_TEXAS",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <returns>The region in Atlas's form; null for none. AWS's is taken in AWS's own form too, as in the key configuration; GLOBAL is no place for an endpoint.</returns>
    public static string? Normalise(KeyProvider provider, string text) => provider switch
    {
        KeyProvider.Azure => Azure.Contains(text) ? text : null,
        KeyProvider.Aws => AwsRegions.Normalise(text) is { } region and not "GLOBAL" ? region : null,
        _ => null,
    };
}
