using System.Collections.Frozen;

namespace Ear.CustomerKeys;

/// <summary>AWS regions in Atlas's form and AWS's own (spec atlas-ear §2.1).</summary>
public static class AwsRegions
{
    /// <summary>Each in Atlas's form, with AWS's.</summary>
    private static readonly FrozenDictionary<string, string> Known = new[]
    {
        "US_GOV_WEST_1", "US_GOV_EAST_1", "US_EAST_1", "US_EAST_2", "US_WEST_1", "US_WEST_2", "CA_CENTRAL_1", "EU_NORTH_1",
        "EU_WEST_1", "EU_WEST_2", "EU_WEST_3", "EU_CENTRAL_1", "EU_CENTRAL_2", "AP_EAST_1", "AP_EAST_2", "AP_NORTHEAST_1",
        "AP_NORTHEAST_2", "AP_NORTHEAST_3", "AP_SOUTHEAST_1", "AP_SOUTHEAST_2", "AP_SOUTHEAST_3", "AP_SOUTHEAST_4",
        "AP_SOUTHEAST_5", "AP_SOUTHEAST_6", "AP_SOUTHEAST_7", "AP_SOUTH_1", "AP_SOUTH_2", "SA_EAST_1", "CN_NORTH_1",
        "CN_NORTHWEST_1", "ME_SOUTH_1", "ME_CENTRAL_1", "AF_SOUTH_1", "EU_SOUTH_1", "EU_SOUTH_2", "IL_CENTRAL_1", "CA_WEST_1",
        "MX_CENTRAL_1", "GLOBAL",
    }.ToFrozenDictionary(atlas => atlas, atlas => atlas.ToLowerInvariant().Replace('_', '-'), StringComparer.Ordinal);

    /// <summary>Takes <c>us-east-1</c> too, as Terraform users write it; gives the underscore form, or null for no region.</summary>
    public static string? Normalise(string text)
    {
        var atlas = text.ToUpperInvariant().Replace('-', '_');
        return Known.ContainsKey(atlas) ? atlas : null;
    }

    /// <param name="atlas">As <see cref="Normalise"/> gives it.</param>
    public static string ToAws(string atlas) => Known[atlas];
}
