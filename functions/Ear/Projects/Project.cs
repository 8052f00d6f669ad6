using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Ear.CustomerKeys;

namespace Ear.Projects;

/// <summary>A project with its key configuration and its cloud-provider-access roles: one document, so that a change of them is one write.</summary>
public sealed record Project(ProjectId Id, OrgId OrgId, string Name, DateTimeOffset Created)
{
    /// <summary>Who is told when clusters are shut down (R42).</summary>
    public ImmutableArray<string> OwnerEmails { get; init; } = [];

    public EncryptionAtRest EncryptionAtRest { get; init; } = EncryptionAtRest.Off;

    public ImmutableArray<AwsAccessRole> AwsRoles { get; init; } = [];

    public ImmutableArray<AzureServicePrincipal> AzureServicePrincipals { get; init; } = [];

    public ImmutableArray<GcpServiceAccount> GcpServiceAccounts { get; init; } = [];

    public ImmutableArray<ProjectTag> Tags { get; init; } = [];

    /// <summary>Null: <see cref="Projects.MaintenanceWindow.Default"/>.</summary>
    public MaintenanceWindow? MaintenanceWindow { get; init; }

    /// <summary>Null: nothing was promised.</summary>
    public BackupCompliance? BackupCompliance { get; init; }

    /// <summary>R88: no cluster may be, or become, one without a customer's key.</summary>
    [JsonIgnore]
    public bool DemandsCustomerKeys => BackupCompliance is { EncryptionAtRestEnabled: true };

    /// <summary>The customer key of a provider as a provider call needs it; null when that provider is off or its role is gone.</summary>
    public CustomerKey? KeyOf(KeyProvider provider)
        => EncryptionAtRest.SettingsOf(provider) is { } settings && settings.KeyIn(this).IsOk(out var key, out _) ? key : null;
}

/// <summary>An IAM role that the customer lets Ear assume (spec atlas-ear §2.11). Unusable until authorised.</summary>
/// <param name="ExternalId">A uuid that the role's trust policy must demand.</param>
public sealed record AwsAccessRole(RoleId Id, string ExternalId, DateTimeOffset Created, DateTimeOffset? Authorized = null, string? IamAssumedRoleArn = null);

/// <summary>The service principal that the customer made for Ear's application in their tenant (spec atlas-ear §2.11).</summary>
/// <param name="AtlasAzureAppId">Ear's application.</param>
public sealed record AzureServicePrincipal(RoleId Id, string AtlasAzureAppId, string ServicePrincipalId, string TenantId, DateTimeOffset Created, DateTimeOffset LastUpdated);

/// <summary>Ear's Google service account, which the customer lets use keys (spec atlas-ear §2.11).</summary>
public sealed record GcpServiceAccount(RoleId Id, string Email, DateTimeOffset Created);
