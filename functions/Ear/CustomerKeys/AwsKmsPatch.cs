using System.Text.RegularExpressions;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.CustomerKeys;

/// <param name="AccessKeyId">The old form of credentials: taken where it repeats what is configured, refused for anything new (R17).</param>
public sealed partial record AwsKmsPatch(
    bool? Enabled,
    RoleId? RoleId,
    string? CustomerMasterKeyId,
    string? Region,
    bool? RequirePrivateNetworking,
    string? AccessKeyId = null,
    SecretText? SecretAccessKey = null) : KeyPatch(Enabled)
{
    private const string KeyField = "awsKms.customerMasterKeyID";

    public override KeyProvider Provider => KeyProvider.Aws;

    /// <summary>None is ever kept anew: a PATCH with one is refused.</summary>
    public override SecretText? Secret => null;

    public override Outcome<KeySettings> MergeInto(KeySettings? current, KeyPatchTerms terms)
    {
        var now = current as AwsKmsSettings;
        if (SecretAccessKey is not null || (AccessKeyId is not null && AccessKeyId != now?.AccessKeyId))
            return new Problem.AccessKeysDeprecated();
        if (now is null && Enabled is null)
            return new Problem.MissingField("awsKms.enabled");
        if ((RoleId ?? now?.RoleId) is null && now?.AccessKeyId is null)
            return new Problem.MissingField("awsKms.roleId");
        if ((CustomerMasterKeyId ?? now?.CustomerMasterKeyId) is not { } key)
            return new Problem.MissingField(KeyField);
        if ((Region ?? now?.Region) is not { } region)
            return new Problem.MissingField("awsKms.region");
        if (AwsRegions.Normalise(region) is not { } normal)
            return new Problem.RegionNotSupported(region);
        return KeyFault(key, normal) is { } fault ? fault : Merged(now, key, normal);
    }

    /// <summary>A role takes the place of an access key, for good (R17).</summary>
    private AwsKmsSettings Merged(AwsKmsSettings? now, string key, string region)
    {
        var isPrivate = RequirePrivateNetworking ?? now?.RequirePrivateNetworking ?? false;
        return (RoleId ?? now?.RoleId) is { } role
            ? new AwsKmsSettings(role, key, region, isPrivate)
            : new AwsKmsSettings(null, key, region, isPrivate) { AccessKeyId = now!.AccessKeyId, SecretName = now.SecretName };
    }

    private static Problem.InvalidField? KeyFault(string key, string region)
    {
        if (KeyId().IsMatch(key))
            return null;
        if (KeyArn().Match(key) is not { Success: true } arn)
            return new(KeyField, "A key id or key ARN; an alias can point elsewhere tomorrow, so it is not taken.");
        return arn.Groups["region"].Value == AwsRegions.ToAws(region)
            ? null
            : new(KeyField, $"The key ARN is of region {arn.Groups["region"].Value}, awsKms.region is {region}; they must agree.");
    }

    [GeneratedRegex(@"\A(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|mrk-[0-9a-f]{32})\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex KeyId();

    [GeneratedRegex(
        @"\Aarn:aws(?:-cn|-us-gov)?:kms:(?<region>[a-z0-9-]{1,32}):[0-9]{12}:key/(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|mrk-[0-9a-f]{32})\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex KeyArn();
}
