using System.Diagnostics.CodeAnalysis;

namespace Ear.Providers.AzureKeyVault;

/// <summary>A key of a vault with its version, taken from <c>https://{vault}/keys/{name}/{version}</c>.</summary>
internal sealed record VaultKeyName(Uri Vault, string Name, string Version)
{
    public string Host => Vault.Authority;

    /// <summary>Vaults do not tell upper from lower case, and answer with the case that a key was made in.</summary>
    public bool IsSameAs(VaultKeyName other)
        => Vault == other.Vault && string.Equals(Name, other.Name, StringComparison.OrdinalIgnoreCase) && string.Equals(Version, other.Version, StringComparison.OrdinalIgnoreCase);

    /// <returns>false also for an address with anything more to it: user, query, another path.</returns>
    public static bool TryParse(string keyIdentifier, [NotNullWhen(true)] out VaultKeyName? name)
    {
        name = null;
        if (!Uri.TryCreate(keyIdentifier, UriKind.Absolute, out var uri) || uri is not { Scheme: "https", UserInfo: "", Query: "", Fragment: "" })
            return false;
        if (uri.AbsolutePath.Split('/') is not ["", "keys", { Length: >= 1 and <= 127 } key, { Length: >= 1 and <= 64 } version])
            return false;
        if (!key.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') || !version.All(char.IsAsciiLetterOrDigit))
            return false;
        name = new(new Uri(uri.GetLeftPart(UriPartial.Authority)), key, version);
        return true;
    }
}
