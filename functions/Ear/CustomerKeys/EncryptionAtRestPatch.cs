using Ear.Outcomes;
using Ear.Projects;

namespace Ear.CustomerKeys;

/// <summary>What a PATCH of the project's configuration says: a merge per provider, null where it says nothing (spec atlas-ear §2.1 rule 2).</summary>
public sealed record EncryptionAtRestPatch(AwsKmsPatch? Aws, OtherProviderPatch? Azure, OtherProviderPatch? Gcp, bool? EnabledForSearchNodes)
{
    public bool NamesNoProvider => Aws is null && Azure is null && Gcp is null;
}

/// <summary>A block of a provider that this build cannot reach: it can only be off.</summary>
public sealed record OtherProviderPatch(KeyProvider Provider, bool? Enabled)
{
    /// <summary>A block without <c>enabled</c> but with settings wants the provider on, too.</summary>
    public bool WantsIt => Enabled is not false;
}

/// <summary>Null: the field was not sent, and stays as it is.</summary>
/// <param name="HasAccessKeys">An access key id or secret was sent: the form of credentials that is no longer taken (R17).</param>
public sealed record AwsKmsPatch(
    bool? Enabled,
    RoleId? RoleId,
    string? CustomerMasterKeyId,
    string? Region,
    bool? RequirePrivateNetworking,
    bool HasAccessKeys)
{
    /// <summary>Later changes need only what changes; the first one needs all (R16).</summary>
    public Outcome<AwsKmsSettings> MergeInto(AwsKmsSettings? current)
    {
        if (HasAccessKeys)
            return new Problem.AccessKeysDeprecated();
        if (RequirePrivateNetworking is true)
            return new Problem.NotRunHere("awsKms.requirePrivateNetworking", "Private networking to a KMS");
        if (current is null && Enabled is null)
            return new Problem.MissingField("awsKms.enabled");
        if ((RoleId ?? current?.RoleId) is not { } role)
            return new Problem.MissingField("awsKms.roleId");
        if ((CustomerMasterKeyId ?? current?.CustomerMasterKeyId) is not { } key)
            return new Problem.MissingField("awsKms.customerMasterKeyID");
        if ((Region ?? current?.Region) is not { } region)
            return new Problem.MissingField("awsKms.region");
        if (key.Length is 0 or > 2048 || key.Contains("alias/", StringComparison.Ordinal))
            return new Problem.InvalidField("awsKms.customerMasterKeyID", "A key id or key ARN, 1 to 2,048 characters; an alias can point elsewhere tomorrow, so it is not taken.");
        return AwsRegions.Normalise(region) is { } normal
            ? new AwsKmsSettings(role, key, normal, false)
            : new Problem.RegionNotSupported(region);
    }
}
