using Azure.Security.KeyVault.Keys;

namespace Ear.Providers.AzureKeyVault;

/// <summary>What a vault tells about a key; null where it did not tell.</summary>
internal sealed record AzureDescription
{
    public bool? Enabled { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public DateTimeOffset? Expires { get; init; }

    public DateTimeOffset? Created { get; init; }

    public bool? IsRsa { get; init; }

    public bool Deleted { get; init; }

    /// <summary>Until when a deleted key can be recovered.</summary>
    public DateTimeOffset? PurgeDate { get; init; }

    /// <summary>This version is gone, and the key has another.</summary>
    public bool OtherVersionExists { get; init; }

    public static AzureDescription Of(KeyVaultKey key) => new()
    {
        Enabled = key.Properties.Enabled,
        NotBefore = key.Properties.NotBefore,
        Expires = key.Properties.ExpiresOn,
        Created = key.Properties.CreatedOn,
        IsRsa = key.KeyType == KeyType.Rsa || key.KeyType == KeyType.RsaHsm,
    };

    public bool IsWithin(DateTimeOffset now) => (NotBefore is not { } from || now >= from) && (Expires is not { } until || now < until);

    /// <summary>In Key Vault's words as far as it has any: it knows attributes, not states.</summary>
    public string? State(DateTimeOffset now) => this switch
    {
        { Deleted: true } => "Deleted",
        { OtherVersionExists: true } => "VersionNotFound",
        { Enabled: false } => "Disabled",
        { Enabled: null } => null,
        _ when NotBefore > now => "NotYetValid",
        _ when Expires <= now => "Expired",
        _ => "Enabled",
    };
}
