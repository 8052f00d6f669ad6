using System.Text.RegularExpressions;

namespace Ear.CustomerKeys;

/// <summary>The URL of a key version in Azure Key Vault: <c>https://{vault}.{suffix}/keys/{name}/{version}</c> (R18).</summary>
public static partial class AzureKeyIdentifier
{
    /// <returns>What is wrong with it, for people; null: it is one.</returns>
    public static string? Fault(string text, AzureEnvironment environment, string vaultName, KeyAddresses addresses)
    {
        var suffix = VaultSuffix(environment);
        if (Form().Match(text) is not { Success: true } form)
            return $"A URL of the form https://{{vault}}.{suffix}/keys/{{name}}/{{version}}, the version included.";
        var host = form.Groups["host"].Value;
        if (addresses.VaultHosts.Contains(host, StringComparer.OrdinalIgnoreCase))
            return null;
        return string.Equals(host, $"{vaultName}.{suffix}", StringComparison.OrdinalIgnoreCase)
            ? null
            : $"The key must be in the vault azureKeyVault.keyVaultName of azureKeyVault.azureEnvironment: at {vaultName}.{suffix}.";
    }

    public static string VaultSuffix(AzureEnvironment environment) => environment switch
    {
        AzureEnvironment.Azure => "vault.azure.net",
        AzureEnvironment.AzureChina => "vault.azure.cn",
        AzureEnvironment.AzureUsGovernment => "vault.usgovcloudapi.net",
        _ => throw new ArgumentOutOfRangeException(nameof(environment), environment, null),
    };

    [GeneratedRegex(@"\Ahttps://(?<host>[a-zA-Z0-9.-]{1,253}(?::[0-9]{1,5})?)/keys/[a-zA-Z0-9-]{1,127}/[0-9a-fA-F]{32}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Form();
}
