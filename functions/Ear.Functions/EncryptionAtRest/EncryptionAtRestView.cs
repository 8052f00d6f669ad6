using System.Text.Json.Serialization;
using Ear.CustomerKeys;

namespace Ear.Functions.EncryptionAtRest;

/// <summary>All three blocks, always (§2.1 rule 1); unset ids are absent, never "" (rule 9); no secret, ever.</summary>
internal sealed record EncryptionAtRestView(AwsKmsView AwsKms, OtherProviderView AzureKeyVault, OtherProviderView GoogleCloudKms, bool EnabledForSearchNodes)
{
    public static EncryptionAtRestView Of(CustomerKeys.EncryptionAtRest configuration) => new(
        configuration.Aws is { } aws ? Aws(aws, configuration.StandingOf(KeyProvider.Aws)) : new AwsKmsView(false),
        OtherProviderView.Off,
        OtherProviderView.Off,
        configuration.EnabledForSearchNodes);

    private static AwsKmsView Aws(AwsKmsSettings aws, KeyStanding? standing)
        => new(true, standing?.Valid ?? false, aws.RoleId.Value, aws.CustomerMasterKeyId, aws.Region, aws.RequirePrivateNetworking);
}

internal sealed record AwsKmsView(
    bool Enabled,
    bool? Valid = null,
    string? RoleId = null,
    [property: JsonPropertyName("customerMasterKeyID")] string? CustomerMasterKeyId = null,
    string? Region = null,
    bool? RequirePrivateNetworking = null);

internal sealed record OtherProviderView(bool Enabled)
{
    public static OtherProviderView Off { get; } = new(false);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EncryptionAtRestView))]
internal sealed partial class EncryptionAtRestJson : JsonSerializerContext;
