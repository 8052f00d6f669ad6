using System.Collections.Immutable;
using Ear.CustomerKeys;
using Ear.CustomerKeys.Validation;

namespace Ear.Alerts;

/// <summary>The alerts that Ear raises (R94, R95); only these can be configured.</summary>
public static class AlertTypes
{
    private const string RotationSuffix = "_ENCRYPTION_KEY_NEEDS_ROTATION";

    public static ImmutableArray<string> All { get; } =
    [
        KeyNews.NetworkAccessDenied,
        KeyNews.ConfigNoLongerValid,
        .. Enum.GetValues<KeyProvider>().Select(KeyNews.KeyInvalid),
        .. Enum.GetValues<KeyProvider>().Select(NeedsRotation),
    ];

    public static string NeedsRotation(KeyProvider provider) => provider.AtlasName() + RotationSuffix;

    /// <summary>It opens by the age of something, so that a configuration has to say how many days.</summary>
    public static bool CountsDays(string type) => type.EndsWith(RotationSuffix, StringComparison.Ordinal);
}
