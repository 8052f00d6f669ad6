using System.Text.Json.Serialization;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.CustomerKeys;

/// <summary>How a project is configured for one provider. Holds no secret: a credential is named (<see cref="Secrets.ISecrets"/>).</summary>
public abstract record KeySettings
{
    [JsonIgnore]
    public abstract KeyProvider Provider { get; }

    /// <summary>The cloud-provider-access role it uses; null with credentials of its own.</summary>
    [JsonIgnore]
    public abstract RoleId? UsedRole { get; }

    /// <summary>Name of its credential in <see cref="Secrets.ISecrets"/>; null where a role is used.</summary>
    [JsonIgnore]
    public abstract string? UsedSecret { get; }

    /// <summary>The same key, though perhaps reached by other credentials.</summary>
    public abstract bool IsSameKeyAs(KeySettings other);

    /// <summary>As a provider call needs it; refused where its role is missing or not authorised.</summary>
    public abstract Outcome<CustomerKey> KeyIn(Project project);
}

/// <param name="RoleId">An authorised cloud-provider-access role of the project (24 hexadecimal characters); null in the old form by access key.</param>
/// <param name="CustomerMasterKeyId">Key id or key ARN, 1 to 2,048 characters.</param>
/// <param name="Region">Atlas's form: US_EAST_1.</param>
public sealed record AwsKmsSettings(RoleId? RoleId, string CustomerMasterKeyId, string Region, bool RequirePrivateNetworking) : KeySettings
{
    /// <summary>Of the old form, which is used where it is configured and never configured anew (R17).</summary>
    public string? AccessKeyId { get; init; }

    /// <summary>Of the access key's secret.</summary>
    public string? SecretName { get; init; }

    [JsonIgnore]
    public override KeyProvider Provider => KeyProvider.Aws;

    [JsonIgnore]
    public override RoleId? UsedRole => RoleId;

    [JsonIgnore]
    public override string? UsedSecret => SecretName;

    public override bool IsSameKeyAs(KeySettings other)
        => other is AwsKmsSettings aws && aws.CustomerMasterKeyId == CustomerMasterKeyId && aws.Region == Region;

    public override Outcome<CustomerKey> KeyIn(Project project)
    {
        if (RoleId is not { } id)
            return Key(new AwsAccess.AccessKey(AccessKeyId!, SecretName!));
        if (project.AwsRoles.FirstOrDefault(r => r.Id == id) is not { } role)
            return new Problem.RoleNotFound(id.Value);
        return role.IamAssumedRoleArn is { } arn ? Key(new AwsAccess.Role(arn, role.ExternalId)) : new Problem.RoleNotAuthorized(id.Value);
    }

    private CustomerKey.Aws Key(AwsAccess access) => new(CustomerMasterKeyId, AwsRegions.ToAws(Region), access);
}

/// <param name="KeyIdentifier">URL of the key with its version.</param>
/// <param name="ClientId">The customer's application; null where <paramref name="RoleId"/> is used.</param>
/// <param name="SecretName">Of its client secret.</param>
public sealed record AzureKeyVaultSettings(
    AzureEnvironment Environment,
    string SubscriptionId,
    string ResourceGroupName,
    string KeyVaultName,
    string KeyIdentifier,
    string? TenantId,
    string? ClientId,
    string? SecretName,
    RoleId? RoleId) : KeySettings
{
    public bool RequirePrivateNetworking { get; init; }

    [JsonIgnore]
    public string VaultResourceId => $"/subscriptions/{SubscriptionId}/resourceGroups/{ResourceGroupName}/providers/Microsoft.KeyVault/vaults/{KeyVaultName}";

    [JsonIgnore]
    public override KeyProvider Provider => KeyProvider.Azure;

    [JsonIgnore]
    public override RoleId? UsedRole => RoleId;

    [JsonIgnore]
    public override string? UsedSecret => SecretName;

    public override bool IsSameKeyAs(KeySettings other)
        => other is AzureKeyVaultSettings azure && string.Equals(azure.KeyIdentifier, KeyIdentifier, StringComparison.OrdinalIgnoreCase);

    public override Outcome<CustomerKey> KeyIn(Project project)
    {
        if (RoleId is not { } id)
            return Key(TenantId!, new AzureAccess.ClientSecret(ClientId!, SecretName!));
        return project.AzureServicePrincipals.FirstOrDefault(r => r.Id == id) is { } role
            ? Key(role.TenantId, new AzureAccess.ServicePrincipal(role.AtlasAzureAppId))
            : new Problem.RoleNotFound(id.Value);
    }

    private CustomerKey.Azure Key(string tenantId, AzureAccess access)
        => new(KeyIdentifier, Environment, tenantId, access) { PrivateTarget = RequirePrivateNetworking ? VaultResourceId : null };
}

/// <param name="KeyVersionResourceId"><c>projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/N</c></param>
/// <param name="SecretName">Of the service-account key; null where <paramref name="RoleId"/> is used.</param>
public sealed record GoogleCloudKmsSettings(string KeyVersionResourceId, string? SecretName, RoleId? RoleId) : KeySettings
{
    [JsonIgnore]
    public override KeyProvider Provider => KeyProvider.Gcp;

    [JsonIgnore]
    public override RoleId? UsedRole => RoleId;

    [JsonIgnore]
    public override string? UsedSecret => SecretName;

    public override bool IsSameKeyAs(KeySettings other) => other is GoogleCloudKmsSettings google && google.KeyVersionResourceId == KeyVersionResourceId;

    public override Outcome<CustomerKey> KeyIn(Project project)
    {
        if (RoleId is not { } id)
            return new CustomerKey.Gcp(KeyVersionResourceId, new GcpAccess.ServiceAccountKey(SecretName!));
        return project.GcpServiceAccounts.FirstOrDefault(r => r.Id == id) is { } role
            ? new CustomerKey.Gcp(KeyVersionResourceId, new GcpAccess.ServiceAccount(role.Email))
            : new Problem.RoleNotFound(id.Value);
    }
}
