using System.Text.Json.Serialization;
using Ear.CustomerKeys;

namespace Ear.Functions.EncryptionAtRest;

/// <summary>All three blocks, always (§2.1 rule 1); unset ids are absent, never "" (rule 9); no secret, ever.</summary>
internal sealed record EncryptionAtRestView(AwsKmsView AwsKms, AzureKeyVaultView AzureKeyVault, GoogleCloudKmsView GoogleCloudKms, bool EnabledForSearchNodes)
{
    public static EncryptionAtRestView Of(CustomerKeys.EncryptionAtRest configuration) => new(
        configuration.Aws is { } aws ? AwsKmsView.Of(aws, IsValid(configuration, KeyProvider.Aws)) : new AwsKmsView(false),
        configuration.Azure is { } azure ? AzureKeyVaultView.Of(azure, IsValid(configuration, KeyProvider.Azure)) : new AzureKeyVaultView(false),
        configuration.Gcp is { } google ? GoogleCloudKmsView.Of(google, IsValid(configuration, KeyProvider.Gcp)) : new GoogleCloudKmsView(false),
        configuration.EnabledForSearchNodes);

    private static bool IsValid(CustomerKeys.EncryptionAtRest configuration, KeyProvider provider) => configuration.StandingOf(provider)?.Valid ?? false;
}

internal sealed record AwsKmsView(
    bool Enabled,
    bool? Valid = null,
    string? RoleId = null,
    [property: JsonPropertyName("customerMasterKeyID")] string? CustomerMasterKeyId = null,
    string? Region = null,
    bool? RequirePrivateNetworking = null,
    [property: JsonPropertyName("accessKeyID")] string? AccessKeyId = null)
{
    public static AwsKmsView Of(AwsKmsSettings aws, bool valid)
        => new(true, valid, aws.RoleId?.Value, aws.CustomerMasterKeyId, aws.Region, aws.RequirePrivateNetworking, aws.AccessKeyId);
}

internal sealed record AzureKeyVaultView(
    bool Enabled,
    bool? Valid = null,
    string? AzureEnvironment = null,
    [property: JsonPropertyName("clientID")] string? ClientId = null,
    [property: JsonPropertyName("subscriptionID")] string? SubscriptionId = null,
    [property: JsonPropertyName("tenantID")] string? TenantId = null,
    string? ResourceGroupName = null,
    string? KeyVaultName = null,
    string? KeyIdentifier = null,
    string? RoleId = null,
    bool? RequirePrivateNetworking = null)
{
    public static AzureKeyVaultView Of(AzureKeyVaultSettings azure, bool valid) => new(
        true, valid, Name(azure.Environment), azure.ClientId, azure.SubscriptionId, azure.TenantId, azure.ResourceGroupName, azure.KeyVaultName,
        azure.KeyIdentifier, azure.RoleId?.Value, azure.RequirePrivateNetworking);

    private static string Name(AzureEnvironment environment) => environment switch
    {
        CustomerKeys.AzureEnvironment.Azure => "AZURE",
        CustomerKeys.AzureEnvironment.AzureChina => "AZURE_CHINA",
        CustomerKeys.AzureEnvironment.AzureUsGovernment => "AZURE_US_GOVERNMENT",
        _ => throw new ArgumentOutOfRangeException(nameof(environment), environment, null),
    };
}

internal sealed record GoogleCloudKmsView(
    bool Enabled,
    bool? Valid = null,
    [property: JsonPropertyName("keyVersionResourceID")] string? KeyVersionResourceId = null,
    string? RoleId = null)
{
    public static GoogleCloudKmsView Of(GoogleCloudKmsSettings google, bool valid) => new(true, valid, google.KeyVersionResourceId, google.RoleId?.Value);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EncryptionAtRestView))]
internal sealed partial class EncryptionAtRestJson : JsonSerializerContext;
