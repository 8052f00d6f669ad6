#nullable disable

namespace Azure.Security.KeyVault.Keys;

/// <summary>A key as its vault describes it; private parts never leave the vault.</summary>
public class KeyVaultKey
{
    internal KeyVaultKey()
    {
    }

    public KeyProperties Properties { get; internal set; }

    public KeyType KeyType { get; internal set; }

    public IReadOnlyCollection<KeyOperation> KeyOperations { get; internal set; } = [];
}

/// <summary>A key that was deleted, for as long as it can be recovered.</summary>
public class DeletedKey : KeyVaultKey
{
    internal DeletedKey()
    {
    }

    public DateTimeOffset? DeletedOn { get; internal set; }

    /// <summary>When it is gone for good.</summary>
    public DateTimeOffset? ScheduledPurgeDate { get; internal set; }
}

public class KeyProperties
{
    public KeyProperties(Uri id) => Id = id ?? throw new ArgumentNullException(nameof(id));

    public Uri Id { get; }

    public bool? Enabled { get; set; }

    public DateTimeOffset? NotBefore { get; set; }

    public DateTimeOffset? ExpiresOn { get; set; }

    public DateTimeOffset? CreatedOn { get; internal set; }
}
