using Ear.CustomerKeys;

namespace Ear.PrivateEndpoints;

/// <summary>What an endpoint leads to: a vault by its resource id in Azure, the regional key service's name in AWS.</summary>
public static class PrivateEndpointTarget
{
    /// <summary>Null: the provider has no private endpoints (Google Cloud).</summary>
    public static string? Of(KeySettings settings, string regionName) => settings switch
    {
        AzureKeyVaultSettings azure => azure.VaultResourceId,
        AwsKmsSettings => $"com.amazonaws.{AwsRegions.ToAws(regionName)}.kms",
        _ => null,
    };
}
