using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Ear.Local.Kms.Aws.Keys;

/// <summary>Encrypt, Decrypt, ReEncrypt and GenerateDataKey on symmetric keys.</summary>
internal sealed class KmsCryptography(KmsOperations operations, KmsKeys keys)
{
    private const int MostPlaintext = 4096;
    private const int MostCiphertext = 6144;

    public JsonObject Encrypt(KmsRequest request)
    {
        var plain = request.RequiredBytes("Plaintext", MostPlaintext);
        try
        {
            var key = UsableKey(request, "Encrypt");
            MustNotBeDry(request);
            return new JsonObject
            {
                ["CiphertextBlob"] = EncryptUnder(key, plain, request.Map("EncryptionContext")),
                ["KeyId"] = key.Arn,
                ["EncryptionAlgorithm"] = KmsKey.Symmetric,
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    public JsonObject Decrypt(KmsRequest request)
    {
        MustBeSymmetric(request, "Decrypt");
        var (key, material, plain) = Open(request, "Decrypt", "KeyId", "EncryptionContext");
        try
        {
            MustNotBeDry(request);
            return new JsonObject
            {
                ["KeyId"] = key.Arn,
                ["Plaintext"] = Convert.ToBase64String(plain),
                ["EncryptionAlgorithm"] = KmsKey.Symmetric,
                ["KeyMaterialId"] = material.Id,
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    public JsonObject ReEncrypt(KmsRequest request)
    {
        MustBeSymmetric(request, "ReEncryptFrom", "SourceEncryptionAlgorithm");
        MustBeSymmetric(request, "ReEncryptTo", "DestinationEncryptionAlgorithm");
        var (source, material, plain) = Open(request, "ReEncryptFrom", "SourceKeyId", "SourceEncryptionContext");
        try
        {
            var target = Usable(request, "ReEncryptTo", "DestinationKeyId");
            MustNotBeDry(request);
            return new JsonObject
            {
                ["CiphertextBlob"] = EncryptUnder(target, plain, request.Map("DestinationEncryptionContext")),
                ["SourceKeyId"] = source.Arn,
                ["KeyId"] = target.Arn,
                ["SourceEncryptionAlgorithm"] = KmsKey.Symmetric,
                ["DestinationEncryptionAlgorithm"] = KmsKey.Symmetric,
                ["SourceKeyMaterialId"] = material.Id,
                ["DestinationKeyMaterialId"] = target.Materials[^1].Id,
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    public JsonObject GenerateDataKey(KmsRequest request, string operation, bool withPlaintext)
    {
        var size = request.Number("NumberOfBytes", 1, 1024);
        var spec = request.Text("KeySpec");
        if (size is null == spec is null)
            throw AwsRefusal.Validation("Please specify either number of bytes or key spec.");
        size ??= spec switch
        {
            "AES_256" => 32,
            "AES_128" => 16,
            _ => throw AwsRefusal.Constraint("keySpec", "Member must satisfy enum value set: [AES_256, AES_128]"),
        };
        var key = UsableKey(request, operation);
        MustNotBeDry(request);
        var plain = RandomNumberGenerator.GetBytes(size.Value);
        var answer = new JsonObject
        {
            ["CiphertextBlob"] = EncryptUnder(key, plain, request.Map("EncryptionContext")),
            ["KeyId"] = key.Arn,
            ["KeyMaterialId"] = key.Materials[^1].Id,
        };
        if (withPlaintext)
            answer["Plaintext"] = Convert.ToBase64String(plain);
        CryptographicOperations.ZeroMemory(plain);
        return answer;
    }

    private KmsKey UsableKey(KmsRequest request, string operation)
    {
        MustBeSymmetric(request, operation);
        return Usable(request, operation, "KeyId");
    }

    private KmsKey Usable(KmsRequest request, string operation, string member)
    {
        var key = operations.Authorized(request, operation, request.RequiredText(member));
        MustSuit(key, operation);
        key.MustAllow(KeyUse.Cryptography);
        return key;
    }

    /// <param name="keyMember">Pins the key; may be left out, as the ciphertext names its key.</param>
    private (KmsKey Key, KeyMaterial Material, byte[] Plain) Open(KmsRequest request, string operation, string keyMember, string contextMember)
    {
        var blob = CiphertextBlob.Parse(request.RequiredBytes("CiphertextBlob", MostCiphertext));
        if (request.Text(keyMember) is not null && Usable(request, operation, keyMember) is var named && blob is not null && named.Id != blob.KeyId)
            throw new AwsRefusal("IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.");
        if (blob is null)
            throw Invalid();
        var key = KeyOf(blob, request, operation);
        key.MustAllow(KeyUse.Cryptography);
        var material = key.Materials.FirstOrDefault(m => m.Id == blob.MaterialId) ?? throw Invalid();
        var plain = WithSecret(key, material, secret => blob.Decrypt(secret, request.Map(contextMember))) ?? throw Invalid();
        return (key, material, plain);
    }

    /// <summary>A key that is not there and one that the caller may not use sound the same: AWS does not tell strangers which keys exist.</summary>
    private KmsKey KeyOf(CiphertextBlob blob, KmsRequest request, string operation)
    {
        var arn = AwsNames.KeyArn(request.Region, blob.KeyId);
        return keys.Find(blob.KeyId) is { } key && key.Region == request.Region && request.Caller.Refuses("kms:" + operation, arn) is null
            ? key
            : throw new AwsRefusal("AccessDeniedException", "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.");
    }

    private string EncryptUnder(KmsKey key, byte[] plain, IReadOnlyDictionary<string, string> context)
    {
        var material = key.Materials[^1];
        var blob = WithSecret(key, material, secret => CiphertextBlob.Encrypt(key, material, secret, plain, context));
        return Convert.ToBase64String(blob);
    }

    private T WithSecret<T>(KmsKey key, KeyMaterial material, Func<byte[], T> use)
    {
        var secret = keys.Open(key, material);
        try
        {
            return use(secret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private static void MustSuit(KmsKey key, string operation)
    {
        if (key.Usage != KmsKey.EncryptDecrypt)
            throw new AwsRefusal("InvalidKeyUsageException", $"{key.Arn} key usage is {key.Usage} which is not valid for {operation}.");
    }

    private static void MustBeSymmetric(KmsRequest request, string operation, string member = "EncryptionAlgorithm")
    {
        if (request.Text(member) is { } algorithm and not KmsKey.Symmetric)
            throw new AwsRefusal("InvalidKeyUsageException", $"Algorithm {algorithm} is incompatible with key spec {KmsKey.Symmetric} for {operation}.");
    }

    private static void MustNotBeDry(KmsRequest request)
    {
        if (request.Flag("DryRun"))
            throw new AwsRefusal("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.");
    }

    private static AwsRefusal Invalid() => new("InvalidCiphertextException", message: null);
}
