using System.Text.Json.Serialization;
using Ear.Functions.Http.Answers;
using Ear.Projects;

namespace Ear.Functions.Projects;

internal sealed record AccessRolesView(
    IReadOnlyList<AwsRoleView> AwsIamRoles, IReadOnlyList<AzurePrincipalView> AzureServicePrincipals, IReadOnlyList<GcpAccountView> GcpServiceAccounts)
{
    public static AccessRolesView Of(Project project, ProjectOptions options) => new(
        [.. project.AwsRoles.Select(r => AwsRoleView.Of(project, r, options))],
        [.. project.AzureServicePrincipals.Select(r => AzurePrincipalView.Of(project, r))],
        [.. project.GcpServiceAccounts.Select(r => GcpAccountView.Of(project, r))]);
}

internal sealed record AwsRoleView(
    string ProviderName,
    string RoleId,
    [property: JsonPropertyName("atlasAWSAccountArn")] string? AtlasAwsAccountArn,
    string AtlasAssumedRoleExternalId,
    string CreatedDate,
    string? AuthorizedDate,
    string? IamAssumedRoleArn,
    IReadOnlyList<FeatureUsageView> FeatureUsages)
{
    public static AwsRoleView Of(Project project, AwsAccessRole role, ProjectOptions options) => new(
        "AWS",
        role.Id.Value,
        options.AwsAccountArn,
        role.ExternalId,
        AtlasTime.Format(role.Created),
        role.Authorized is { } authorized ? AtlasTime.Format(authorized) : null,
        role.IamAssumedRoleArn,
        FeatureUsageView.Of(project, role.Id));
}

/// <summary>Azure's has its id in <c>_id</c> (spec atlas-ear §2.11).</summary>
internal sealed record AzurePrincipalView(
    string ProviderName,
    [property: JsonPropertyName("_id")] string Id,
    string AtlasAzureAppId,
    string ServicePrincipalId,
    string TenantId,
    string CreatedDate,
    string LastUpdatedDate,
    IReadOnlyList<FeatureUsageView> FeatureUsages)
{
    public static AzurePrincipalView Of(Project project, AzureServicePrincipal role) => new(
        "AZURE", role.Id.Value, role.AtlasAzureAppId, role.ServicePrincipalId, role.TenantId, AtlasTime.Format(role.Created), AtlasTime.Format(role.LastUpdated),
        FeatureUsageView.Of(project, role.Id));
}

/// <summary>Complete at once: the account is Ear's own and exists already.</summary>
internal sealed record GcpAccountView(
    string ProviderName, string RoleId, string Status, string GcpServiceAccountForAtlas, string CreatedDate, IReadOnlyList<FeatureUsageView> FeatureUsages)
{
    public static GcpAccountView Of(Project project, GcpServiceAccount role)
        => new("GCP", role.Id.Value, "COMPLETE", role.Email, AtlasTime.Format(role.Created), FeatureUsageView.Of(project, role.Id));
}

internal sealed record FeatureUsageView(string FeatureType)
{
    public static IReadOnlyList<FeatureUsageView> Of(Project project, RoleId role) => project.EncryptionAtRest.Uses(role) ? [new FeatureUsageView("ENCRYPTION_AT_REST")] : [];
}

internal sealed record GroupView(string Id, string OrgId, string Name, string Created, int ClusterCount, IReadOnlyList<TagView> Tags, IReadOnlyList<Link> Links);

internal sealed record TagView(string Key, string Value);

internal sealed record OrgView(string Id, string Name, bool IsDeleted, bool SkipDefaultAlertsSettings, IReadOnlyList<Link> Links);

internal sealed record LimitView(string Name, long Value, long CurrentUsage, long DefaultLimit, long MaximumLimit);

internal sealed record GroupAddressesView(string GroupId, GroupAddressServicesView Services);

internal sealed record GroupAddressServicesView(IReadOnlyList<ClusterAddressesView> Clusters);

/// <summary>The future ones are always empty: Ear learns a node's address from its agent, not before.</summary>
internal sealed record ClusterAddressesView(
    string ClusterName, IReadOnlyList<string> Inbound, IReadOnlyList<string> Outbound, IReadOnlyList<string> FutureInbound, IReadOnlyList<string> FutureOutbound);

/// <summary>Cloud, region, ranges.</summary>
internal sealed record ControlPlaneView(Dictionary<string, Dictionary<string, string[]>> Inbound, Dictionary<string, Dictionary<string, string[]>> Outbound, IReadOnlyList<string> Gateways);

internal sealed record SystemStatusView(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ApiKeyView? ApiKey, string AppName, string Build, bool Throttling, IReadOnlyList<Link> Links);

internal sealed record ApiKeyView(string Id, string PublicKey, IReadOnlyList<string> AccessList, IReadOnlyList<RoleAssignmentView> Roles);

internal sealed record RoleAssignmentView(string RoleName, string? GroupId, string? OrgId);

internal sealed record MaintenanceWindowView(
    int DayOfWeek,
    int HourOfDay,
    bool AutoDeferOnceEnabled,
    int NumberOfDeferrals,
    [property: JsonPropertyName("startASAP")] bool StartAsap,
    string TimeZoneId,
    ProtectedHoursView? ProtectedHours)
{
    public static MaintenanceWindowView Of(MaintenanceWindow window) => new(
        window.DayOfWeek, window.HourOfDay, window.AutoDeferOnce, 0, false, "UTC", window.ProtectedHours is { } hours ? new(hours.Start, hours.End) : null);
}

internal sealed record ProtectedHoursView(int StartHourOfDay, int EndHourOfDay);

/// <summary>Without a policy everything is empty or off, as Atlas shows it; what this Ear does not do is always so.</summary>
internal sealed record BackupComplianceView(
    string ProjectId,
    string AuthorizedEmail,
    string AuthorizedUserFirstName,
    string AuthorizedUserLastName,
    bool EncryptionAtRestEnabled,
    bool CopyProtectionEnabled,
    bool PitEnabled,
    int RestoreWindowDays,
    IReadOnlyList<string> ScheduledPolicyItems,
    bool Deletable,
    string? State,
    string? UpdatedDate,
    string? UpdatedUser)
{
    public static BackupComplianceView Of(ProjectId project, BackupCompliance policy) => new(
        project.Value, policy.Authorized.Email, policy.Authorized.FirstName, policy.Authorized.LastName, policy.EncryptionAtRestEnabled, false, false, 0, [], true, "ACTIVE",
        AtlasTime.Format(policy.Updated), policy.UpdatedBy.Contains('@') ? policy.UpdatedBy : null);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AccessRolesView))]
[JsonSerializable(typeof(GroupView))]
[JsonSerializable(typeof(ProjectClustersView))]
[JsonSerializable(typeof(OrgView))]
[JsonSerializable(typeof(IReadOnlyList<LimitView>))]
[JsonSerializable(typeof(GroupAddressesView))]
[JsonSerializable(typeof(ControlPlaneView))]
[JsonSerializable(typeof(SystemStatusView))]
[JsonSerializable(typeof(MaintenanceWindowView))]
[JsonSerializable(typeof(BackupComplianceView))]
[JsonSerializable(typeof(System.Text.Json.Nodes.JsonObject))]
internal sealed partial class ProjectJson : JsonSerializerContext;
