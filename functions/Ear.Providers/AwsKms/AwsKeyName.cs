using Ear.CustomerKeys;

namespace Ear.Providers.AwsKms;

/// <summary>Which key to ask in which region.</summary>
internal readonly record struct AwsKeyName(string KeyId, string Region)
{
    private const string MultiRegionPrefix = "mrk-";

    /// <summary>
    /// A wrapped key is opened by the key that wrapped it, in that key's region: the project may meanwhile be configured for another. A multi-Region key is
    /// one key in several regions, so where the configured one is related to it, the configured region is asked: the other may be the one that is down.
    /// </summary>
    public static AwsKeyName ToOpen(CustomerKey.Aws configured, string wrappedBy)
    {
        var id = IdOf(wrappedBy);
        if (id.StartsWith(MultiRegionPrefix, StringComparison.Ordinal) && id == IdOf(configured.KeyIdentifier) && RegionOf(configured.KeyIdentifier) is var region && (region is null || region == configured.Region))
            return new(configured.KeyIdentifier, configured.Region);
        return new(wrappedBy, RegionOf(wrappedBy) ?? configured.Region);
    }

    /// <returns>null for anything but a key ARN.</returns>
    public static string? RegionOf(string keyIdentifier) => keyIdentifier.Split(':') is ["arn", _, "kms", { Length: > 0 } region, ..] ? region : null;

    private static string IdOf(string keyIdentifier) => keyIdentifier[(keyIdentifier.LastIndexOf('/') + 1)..];
}
