using Ear.CustomerKeys;

namespace Ear.Providers.AzureKeyVault;

/// <summary>One of Azure's clouds.</summary>
/// <param name="VaultDomain">Each vault is one name below it. Managed HSMs have another domain and are not for Ear: their keys wrap by AES (spec kms §1.2).</param>
/// <param name="Scope">What a token for the vaults of this cloud is asked for.</param>
internal sealed record AzureCloud(Uri Login, string VaultDomain, string Scope);

internal static class AzureClouds
{
    public static AzureCloud Cloud(this AzureEnvironment environment) => environment switch
    {
        AzureEnvironment.Azure => new(new("https://login.microsoftonline.com/"), "vault.azure.net", "https://vault.azure.net/.default"),
        AzureEnvironment.AzureChina => new(new("https://login.chinacloudapi.cn/"), "vault.azure.cn", "https://vault.azure.cn/.default"),
        AzureEnvironment.AzureUsGovernment => new(new("https://login.microsoftonline.us/"), "vault.usgovcloudapi.net", "https://vault.usgovcloudapi.net/.default"),
        _ => throw new ArgumentOutOfRangeException(nameof(environment), environment, null),
    };

    public static IEnumerable<AzureCloud> All { get; } = [.. Enum.GetValues<AzureEnvironment>().Select(Cloud)];
}
