namespace Ear.Local.Kms.Azure.Vault;

/// <summary>What <c>key_ops</c> may say.</summary>
internal static class KeyOperationNames
{
    public const string WrapKey = "wrapKey";
    public const string UnwrapKey = "unwrapKey";
    public const string Encrypt = "encrypt";
    public const string Decrypt = "decrypt";

    private static readonly string[] OfRsa = [Encrypt, Decrypt, "sign", "verify", WrapKey, UnwrapKey];
    private static readonly string[] OfEc = ["sign", "verify"];

    public static IReadOnlyList<string> Default(string kty) => kty.StartsWith("RSA", StringComparison.Ordinal) ? OfRsa : OfEc;

    /// <exception cref="AzureRefusal">One is unknown, or cannot be done with that type of key.</exception>
    public static IReadOnlyList<string>? Checked(IReadOnlyList<string>? operations, string kty)
    {
        if (operations?.FirstOrDefault(o => o != "import" && !Default(kty).Contains(o)) is { } wrong)
            throw AzureRefusal.BadParameter($"Property key_ops has invalid value: '{wrong}' for key type {kty}");
        return operations;
    }
}
