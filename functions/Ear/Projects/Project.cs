using System.Collections.Immutable;
using Ear.CustomerKeys;

namespace Ear.Projects;

/// <summary>A project with its key configuration and its cloud-provider-access roles: one document, so that a change of them is one write.</summary>
public sealed record Project(ProjectId Id, OrgId OrgId, string Name, DateTimeOffset Created)
{
    /// <summary>Who is told when clusters are shut down (R42).</summary>
    public ImmutableArray<string> OwnerEmails { get; init; } = [];

    public EncryptionAtRest EncryptionAtRest { get; init; } = EncryptionAtRest.Off;

    public ImmutableArray<AwsAccessRole> AwsRoles { get; init; } = [];

    /// <summary>The customer key of a provider as a provider call needs it; null when that provider is off or its role is gone.</summary>
    public CustomerKey? KeyOf(KeyProvider provider)
    {
        if (provider is not KeyProvider.Aws || EncryptionAtRest.Aws is not { } aws)
            return null;
        return KeyOf(aws);
    }

    public CustomerKey? KeyOf(AwsKmsSettings settings)
        => AwsRoles.FirstOrDefault(r => r.Id == settings.RoleId) is { IamAssumedRoleArn: { } arn } role
            ? new CustomerKey.Aws(settings.CustomerMasterKeyId, AwsRegions.ToAws(settings.Region), new AwsAccess.Role(arn, role.ExternalId))
            : null;
}

/// <summary>An IAM role that the customer lets Ear assume (spec atlas-ear §2.11). Unusable until authorised.</summary>
/// <param name="ExternalId">A uuid that the role's trust policy must demand.</param>
public sealed record AwsAccessRole(RoleId Id, string ExternalId, DateTimeOffset Created, DateTimeOffset? Authorized = null, string? IamAssumedRoleArn = null);
