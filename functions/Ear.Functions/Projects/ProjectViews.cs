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

internal sealed record GroupView(string Id, string OrgId, string Name, string Created, int ClusterCount, IReadOnlyList<Link> Links);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AccessRolesView))]
[JsonSerializable(typeof(GroupView))]
internal sealed partial class ProjectJson : JsonSerializerContext;
