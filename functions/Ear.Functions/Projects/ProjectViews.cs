using System.Text.Json.Serialization;
using Ear.Functions.Http.Answers;
using Ear.Projects;

namespace Ear.Functions.Projects;

internal sealed record AccessRolesView(
    IReadOnlyList<AwsRoleView> AwsIamRoles, IReadOnlyList<string> AzureServicePrincipals, IReadOnlyList<string> GcpServiceAccounts);

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
        project.EncryptionAtRest.Aws?.RoleId == role.Id ? [new FeatureUsageView("ENCRYPTION_AT_REST")] : []);
}

internal sealed record FeatureUsageView(string FeatureType);

internal sealed record GroupView(string Id, string OrgId, string Name, string Created, int ClusterCount, IReadOnlyList<Link> Links);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AccessRolesView))]
[JsonSerializable(typeof(GroupView))]
internal sealed partial class ProjectJson : JsonSerializerContext;
