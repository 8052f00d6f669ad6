using System.Security.Cryptography;
using Google.Cloud.Kms.V1;
using Google.Protobuf;
using Purpose = Google.Cloud.Kms.V1.CryptoKey.Types.CryptoKeyPurpose;

namespace Ear.Local.Kms.Google.Keys;

/// <summary>Encrypt and Decrypt, with Google's checksums: a checksum that came along is verified, one of the answer always sent (spec kms §1.3).</summary>
internal sealed class KeyCryptography(GoogleKeys keys)
{
    private const int MostSoftware = 64 * 1024;
    // Both together; the HSM takes no more.
    private const int MostHsm = 8 * 1024;

    public EncryptResponse Encrypt(EncryptRequest request)
    {
        Verify(request.PlaintextCrc32C, request.Plaintext, "plaintext");
        Verify(request.AdditionalAuthenticatedDataCrc32C, request.AdditionalAuthenticatedData, "additional_authenticated_data");
        var name = ResourceName.Parse(request.Name, ResourceKind.CryptoKey, ResourceKind.CryptoKeyVersion);
        var key = keys.Key(name.Key);
        MustBeSymmetric(key);
        MustFit(key, request.Plaintext, "plaintext", request.AdditionalAuthenticatedData);
        var version = name.Kind == ResourceKind.CryptoKeyVersion
            ? key.Version(name.Id) ?? throw GoogleRefusal.NotFound(name)
            : key.Version(key.Primary) ?? throw GoogleRefusal.Precondition($"CryptoKey {key.Name} does not have a primary CryptoKeyVersion.");
        VersionStates.MustBeEnabled(version, key.NameOf(version));

        var sealedBytes = WithMaterial(key, version, material =>
            Ciphertext.Encrypt(key.Name, version.Id, material, request.Plaintext.Span, request.AdditionalAuthenticatedData.Span));
        return new EncryptResponse
        {
            Name = key.NameOf(version),
            Ciphertext = UnsafeByteOperations.UnsafeWrap(sealedBytes),
            CiphertextCrc32C = Crc32C.Of(sealedBytes),
            VerifiedPlaintextCrc32C = request.PlaintextCrc32C is not null,
            VerifiedAdditionalAuthenticatedDataCrc32C = request.AdditionalAuthenticatedDataCrc32C is not null,
            ProtectionLevel = version.Protection,
        };
    }

    public DecryptResponse Decrypt(DecryptRequest request)
    {
        Verify(request.CiphertextCrc32C, request.Ciphertext, "ciphertext");
        Verify(request.AdditionalAuthenticatedDataCrc32C, request.AdditionalAuthenticatedData, "additional_authenticated_data");
        var key = keys.Key(ResourceName.Parse(request.Name, ResourceKind.CryptoKey));
        MustBeSymmetric(key);
        var ciphertext = Ciphertext.TryParse(key.Name, request.Ciphertext.Memory);
        if (ciphertext is null || key.Version(ciphertext.Version) is not { } version)
            throw GoogleRefusal.Invalid("Decryption failed: verify that 'name' refers to the correct CryptoKey.");
        VersionStates.MustBeEnabled(version, key.NameOf(version));

        var plain = WithMaterial(key, version, material => ciphertext.Decrypt(key.Name, material, request.AdditionalAuthenticatedData.Span))
            ?? throw GoogleRefusal.Invalid("Decryption failed: the ciphertext is invalid.");
        return new DecryptResponse
        {
            Plaintext = UnsafeByteOperations.UnsafeWrap(plain),
            PlaintextCrc32C = Crc32C.Of(plain),
            UsedPrimary = version.Id == key.Primary,
            ProtectionLevel = version.Protection,
        };
    }

    private T WithMaterial<T>(StoredKey key, StoredVersion version, Func<byte[], T> use)
    {
        var material = keys.Open(key, version);
        try
        {
            return use(material);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(material);
        }
    }

    private static void Verify(long? checksum, ByteString data, string field)
    {
        if (checksum is { } sent && sent != Crc32C.Of(data.Span))
            throw GoogleRefusal.Invalid($"The checksum in field {field}_crc32c did not match the data in field {field}.");
    }

    private static void MustBeSymmetric(StoredKey key)
    {
        if (!key.IsSymmetric)
            throw GoogleRefusal.Invalid($"CryptoKey {key.Name} has purpose {Wire.EnumName(key.Purpose)}, but this operation needs {Wire.EnumName(Purpose.EncryptDecrypt)}.");
    }

    private static void MustFit(StoredKey key, ByteString data, string field, ByteString bound)
    {
        if (key.Protection == ProtectionLevel.Hsm && data.Length + bound.Length > MostHsm)
            throw GoogleRefusal.Invalid($"The combined length of {field} and additional_authenticated_data must not exceed {MostHsm} bytes.");
        if (data.Length > MostSoftware)
            throw GoogleRefusal.Invalid($"The length of {field} must not exceed {MostSoftware} bytes.");
        if (bound.Length > MostSoftware)
            throw GoogleRefusal.Invalid($"The length of additional_authenticated_data must not exceed {MostSoftware} bytes.");
    }
}
