using System.Security.Cryptography;

namespace Ear.Local.Kms.Azure;

/// <summary>Names and random ids of the simulated cloud.</summary>
internal static class AzureNames
{
    /// <summary>What a token for Key Vault is made out to, in the public cloud.</summary>
    public const string VaultResource = "https://vault.azure.net";

    public const string VaultName = "local";
    public const string Region = "westeurope";

    public static Guid NewGuid() => new(RandomNumberGenerator.GetBytes(16), bigEndian: true);

    /// <summary>Key versions: 32 hexadecimal characters.</summary>
    public static string NewVersion() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Letters and digits only: pasted into a shell or JSON as it is.</summary>
    public static string NewSecret() => RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 40);
}
