using Ear.CustomerKeys;
using Ear.Outcomes;
using Ear.Projects;

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

    /// <summary>Where an endpoint of the project leads as the project is now; refused: it has none, because nothing is to be private there.</summary>
    public static Outcome<string> Of(Project project, KeyProvider provider, string regionName)
    {
        if (project.EncryptionAtRest.SettingsOf(provider) is not { } settings)
            return new Problem.EncryptionAtRestNotEnabled(provider);
        return PrivateNetworkRules.RequirePrivate(settings) && Of(settings, regionName) is { } target ? target : new Problem.PrivateNetworkingNotRequired(provider);
    }

    /// <summary>Azure's names do not tell capitals from small letters: a configuration that writes them otherwise leads to the same vault (R69).</summary>
    public static bool IsSame(string target, string other) => string.Equals(target, other, StringComparison.OrdinalIgnoreCase);
}
