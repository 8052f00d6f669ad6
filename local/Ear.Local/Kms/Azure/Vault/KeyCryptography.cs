using System.Security.Cryptography;
using Ear.Local.Kms.Control;

namespace Ear.Local.Kms.Azure.Vault;

/// <summary>wrapKey, unwrapKey, encrypt, decrypt with RSA keys, and what a key's state does to them (spec kms §1.2).</summary>
internal sealed class KeyCryptography(VaultKeys keys, RsaPool pool, ServiceClock clock)
{
    /// <param name="version">null: the current one.</param>
    /// <returns>The key, the version that was used, and the bytes; the caller wipes them.</returns>
    public (VaultKey Key, KeyVersion Version, byte[] Result) Run(string operation, string name, string? version, string algorithm, byte[] value)
    {
        var key = keys.Get(name);
        var used = key.Version(version);
        var toEncrypt = operation is KeyOperationNames.WrapKey or KeyOperationNames.Encrypt;
        MustBeAllowed(used, operation, toEncrypt);
        var padding = algorithm switch
        {
            "RSA-OAEP-256" => RSAEncryptionPadding.OaepSHA256,
            "RSA-OAEP" => RSAEncryptionPadding.OaepSHA1,
            "RSA1_5" => RSAEncryptionPadding.Pkcs1,
            _ => throw AzureRefusal.BadParameter($"Property 'alg' has invalid value: '{algorithm}' for key type {used.Kty}"),
        };
        try
        {
            return (key, used, pool.Use(used.Id, () => keys.Open(used), rsa => toEncrypt ? rsa.Encrypt(value, padding) : rsa.Decrypt(value, padding)));
        }
        catch (CryptographicException)
        {
            throw AzureRefusal.BadParameter("The parameter is incorrect.");
        }
    }

    /// <summary>
    /// Disabled: no to the operations of the private half; the live service still took those of the public half. Outside nbf and exp the other way round,
    /// so that nobody is locked out of data. The inner codes of the latter are not confirmed: clients should go by the attributes.
    /// </summary>
    private void MustBeAllowed(KeyVersion version, string operation, bool toEncrypt)
    {
        if (!version.Enabled && !toEncrypt)
            throw AzureRefusal.Forbidden("KeyDisabled", $"Operation {operation} is not allowed on a disabled key.");
        if (toEncrypt && clock.Now < version.NotBefore)
            throw AzureRefusal.Forbidden("KeyNotYetValid", $"Operation {operation} is not allowed on a key that is not yet valid.");
        if (toEncrypt && clock.Now >= version.Expires)
            throw AzureRefusal.Forbidden("KeyExpired", $"Operation {operation} is not allowed on an expired key.");
        if (!version.Operations.Contains(operation) || !version.IsRsa)
            throw AzureRefusal.Forbidden("KeyOperationForbidden", $"Operation {operation} is not permitted on this key.");
    }
}
