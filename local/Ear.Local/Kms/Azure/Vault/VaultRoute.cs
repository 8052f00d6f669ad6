namespace Ear.Local.Kms.Azure.Vault;

/// <summary>Which operation a method and path mean. Real clients end a path without a version in a slash, and spell actions in several ways (spec kms §1.2).</summary>
internal sealed record VaultRoute(VaultOperation Operation, string? Name, string? Version)
{
    /// <summary>Names that faults may give: the key, and the key with its version.</summary>
    public IReadOnlyList<string> Names => (Name, Version) switch
    {
        (null, _) => [],
        (_, null) => [Name],
        _ => [Name, $"{Name}/{Version}"],
    };

    /// <returns>null when the path is none of the vault's.</returns>
    public static VaultRoute? Parse(string method, string path)
    {
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (segments is not [var collection, .. var rest])
            return null;
        return collection.ToLowerInvariant() switch
        {
            "keys" => Key(method, rest),
            "deletedkeys" => DeletedKey(method, rest),
            _ => null,
        };
    }

    private static VaultRoute Key(string method, string[] rest) => (method, rest) switch
    {
        ("GET", []) => new(VaultOperation.GetKeys, null, null),
        ("PUT", [var name]) => new(VaultOperation.ImportKey, name, null),
        ("DELETE", [var name]) => new(VaultOperation.DeleteKey, name, null),
        ("GET", [var name]) => new(VaultOperation.GetKey, name, null),
        ("PATCH", [var name]) => new(VaultOperation.UpdateKey, name, null),
        (_, [var name, var action]) when OfKey(method, action) is { } operation => new(operation, name, null),
        ("GET", [var name, var version]) => new(VaultOperation.GetKey, name, version),
        ("PATCH", [var name, var version]) => new(VaultOperation.UpdateKey, name, version),
        ("POST", [var name, var version, var action]) when OfVersion(action) is { } operation => new(operation, name, version),
        _ => new(VaultOperation.Unknown, rest is [var name, ..] ? name : null, null),
    };

    private static VaultRoute DeletedKey(string method, string[] rest) => (method, rest) switch
    {
        ("GET", []) => new(VaultOperation.GetDeletedKeys, null, null),
        ("GET", [var name]) => new(VaultOperation.GetDeletedKey, name, null),
        ("DELETE", [var name]) => new(VaultOperation.PurgeDeletedKey, name, null),
        ("POST", [var name, var action]) when Is(action, "recover") => new(VaultOperation.RecoverDeletedKey, name, null),
        _ => new(VaultOperation.Unknown, rest is [var name, ..] ? name : null, null),
    };

    private static VaultOperation? OfKey(string method, string action) => (method, action.ToLowerInvariant()) switch
    {
        ("POST", "create") => VaultOperation.CreateKey,
        ("POST", "rotate") => VaultOperation.RotateKey,
        ("GET", "versions") => VaultOperation.GetKeyVersions,
        ("GET", "rotationpolicy") => VaultOperation.GetKeyRotationPolicy,
        ("PUT", "rotationpolicy") => VaultOperation.UpdateKeyRotationPolicy,
        ("POST", _) => OfVersion(action),
        _ => null,
    };

    private static VaultOperation? OfVersion(string action) => action.ToLowerInvariant() switch
    {
        "wrapkey" => VaultOperation.WrapKey,
        "unwrapkey" => VaultOperation.UnwrapKey,
        "encrypt" => VaultOperation.Encrypt,
        "decrypt" => VaultOperation.Decrypt,
        _ => null,
    };

    private static bool Is(string action, string name) => string.Equals(action, name, StringComparison.OrdinalIgnoreCase);
}
