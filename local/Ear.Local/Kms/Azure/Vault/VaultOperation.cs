namespace Ear.Local.Kms.Azure.Vault;

/// <param name="Name">As faults and the request log call it.</param>
/// <param name="Permission">In an access policy.</param>
/// <param name="Action">In a role definition, after <c>Microsoft.KeyVault/vaults/</c>.</param>
internal sealed record VaultOperation(string Name, string Permission, string Action)
{
    public static readonly VaultOperation CreateKey = new("CreateKey", "create", "keys/create/action");
    public static readonly VaultOperation ImportKey = new("ImportKey", "import", "keys/import/action");
    public static readonly VaultOperation GetKey = new("GetKey", "get", "keys/read");
    public static readonly VaultOperation GetKeys = new("GetKeys", "list", "keys/read");
    public static readonly VaultOperation GetKeyVersions = new("GetKeyVersions", "list", "keys/read");
    public static readonly VaultOperation UpdateKey = new("UpdateKey", "update", "keys/update/action");
    public static readonly VaultOperation DeleteKey = new("DeleteKey", "delete", "keys/delete");
    public static readonly VaultOperation GetDeletedKey = new("GetDeletedKey", "get", "keys/read");
    public static readonly VaultOperation GetDeletedKeys = new("GetDeletedKeys", "list", "keys/read");
    public static readonly VaultOperation RecoverDeletedKey = new("RecoverDeletedKey", "recover", "keys/recover/action");
    public static readonly VaultOperation PurgeDeletedKey = new("PurgeDeletedKey", "purge", "keys/purge/action");
    public static readonly VaultOperation RotateKey = new("RotateKey", "rotate", "keys/rotate/action");
    public static readonly VaultOperation GetKeyRotationPolicy = new("GetKeyRotationPolicy", "getrotationpolicy", "keyrotationpolicies/read");
    public static readonly VaultOperation UpdateKeyRotationPolicy = new("UpdateKeyRotationPolicy", "setrotationpolicy", "keyrotationpolicies/write");
    public static readonly VaultOperation WrapKey = new("WrapKey", KeyOperationNames.WrapKey, "keys/wrap/action");
    public static readonly VaultOperation UnwrapKey = new("UnwrapKey", KeyOperationNames.UnwrapKey, "keys/unwrap/action");
    public static readonly VaultOperation Encrypt = new("Encrypt", KeyOperationNames.Encrypt, "keys/encrypt/action");
    public static readonly VaultOperation Decrypt = new("Decrypt", KeyOperationNames.Decrypt, "keys/decrypt/action");

    /// <summary>A path or method that the vault does not know; nobody needs a permission to be told so.</summary>
    public static readonly VaultOperation Unknown = new("Unknown", "", "");

    public static IReadOnlyList<VaultOperation> All { get; } =
    [
        CreateKey, ImportKey, GetKey, GetKeys, GetKeyVersions, UpdateKey, DeleteKey, GetDeletedKey, GetDeletedKeys, RecoverDeletedKey, PurgeDeletedKey,
        RotateKey, GetKeyRotationPolicy, UpdateKeyRotationPolicy, WrapKey, UnwrapKey, Encrypt, Decrypt,
    ];
}
