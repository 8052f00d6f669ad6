using System.Collections.Frozen;

namespace Ear.Clusters.Specs;

/// <summary>Names of the dedicated sizes of each cloud provider, ascending; and the names of shared ones, which get their own refusal (R6).</summary>
public static class InstanceSizes
{
    private static readonly FrozenDictionary<string, string[]> Dedicated = new Dictionary<string, string[]>
    {
        ["AWS"] = Names(
            "M10 M20 M30 M40 M50 M60 M80 M100 M140 M200 M300 R40 R50 R60 R80 R200 R300 R400 R700 M40_NVME M50_NVME M60_NVME M80_NVME M200_NVME M400_NVME "
            + "M30_GEN_2 M40_GEN_2 M50_GEN_2 M60_GEN_2 M80_GEN_2 M140_GEN_2 M200_GEN_2 M300_GEN_2 R40_GEN_2 R50_GEN_2 R60_GEN_2 R80_GEN_2 R200_GEN_2 R300_GEN_2 R400_GEN_2 R700_GEN_2 "
            + "M40_NVME_GEN_2 M50_NVME_GEN_2 M60_NVME_GEN_2 M80_NVME_GEN_2 M200_NVME_GEN_2 M400_NVME_GEN_2"),
        ["AZURE"] = Names("M10 M20 M30 M40 M50 M60 M80 M90 M200 R40 R50 R60 R80 R200 R300 R400 M60_NVME M80_NVME M200_NVME M300_NVME M400_NVME M600_NVME"),
        ["GCP"] = Names(
            "M10 M20 M30 M40 M50 M60 M80 M140 M200 M250 M300 M400 R40 R50 R60 R80 R200 R300 R400 R600 "
            + "M30_GEN_2 M40_GEN_2 M50_GEN_2 M60_GEN_2 M80_GEN_2 M140_GEN_2 M200_GEN_2 R40_GEN_2 R50_GEN_2 R60_GEN_2 R80_GEN_2 R200_GEN_2 R300_GEN_2 R400_GEN_2"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Shared = new[] { "M0", "M2", "M5", "FLEX", "SERVERLESS" }.ToFrozenSet(StringComparer.Ordinal);

    public static IEnumerable<string> CloudProviders => Dedicated.Keys.Order(StringComparer.Ordinal);

    public static bool IsCloudProvider(string name) => Dedicated.ContainsKey(name);

    /// <param name="provider">AWS, AZURE or GCP.</param>
    public static bool IsDedicated(string provider, string size) => Array.IndexOf(Dedicated[provider], size) >= 0;

    public static IReadOnlyList<string> Of(string provider) => Dedicated[provider];

    public static bool IsShared(string size) => Shared.Contains(size);

    /// <summary>With the data on a disk of the machine itself, which a paused cluster would lose.</summary>
    public static bool IsNvme(string size) => size.Contains("_NVME", StringComparison.Ordinal);

    private static string[] Names(string list) => list.Split(' ');
}
