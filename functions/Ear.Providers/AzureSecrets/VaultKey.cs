using System.Diagnostics.CodeAnalysis;
using Ear.Providers.AzureKeyVault;

namespace Ear.Providers.AzureSecrets;

/// <summary>A key of a vault, whatever its version.</summary>
internal sealed record VaultKey(Uri Vault, string Name)
{
    // Any version will do to read the rest of the address by the one parser there is.
    private const string AnyVersion = "0";

    public static bool TryParse(string keyIdentifier, [NotNullWhen(true)] out VaultKey? key)
    {
        key = VaultKeyName.TryParse($"{keyIdentifier}/{AnyVersion}", out var at) ? new(at.Vault, at.Name) : null;
        return key is not null;
    }

    /// <summary>The version in what the vault says it used; null when that is another key.</summary>
    public string? VersionIn(string? keyId)
        => VaultKeyName.TryParse(keyId ?? "", out var used) && used.Vault == Vault && string.Equals(used.Name, Name, StringComparison.OrdinalIgnoreCase) ? used.Version : null;
}
