using System.Collections.Frozen;

namespace Ear.Clusters;

/// <summary>Names of dedicated sizes that a node can be given; and the names of shared ones, which get their own refusal (R6).</summary>
public static class InstanceSizes
{
    private static readonly FrozenSet<string> Dedicated = new[]
    {
        "M10", "M20", "M30", "M40", "M50", "M60", "M80", "M90", "M100", "M140", "M200", "M250", "M300", "M400",
        "R40", "R50", "R60", "R80", "R200", "R300", "R400", "R600", "R700",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Shared = new[] { "M0", "M2", "M5", "FLEX", "SERVERLESS" }.ToFrozenSet(StringComparer.Ordinal);

    public static bool IsDedicated(string size) => Dedicated.Contains(size);

    public static bool IsShared(string size) => Shared.Contains(size);
}
