using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Ear.Local.Kms.Aws.Keys;

/// <summary>Encrypt, Decrypt and GenerateDataKey on symmetric keys.</summary>
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
                ["CiphertextBlob"] = EncryptUnder(key, plain, request),
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
        var blob = CiphertextBlob.Parse(request.RequiredBytes("CiphertextBlob", MostCiphertext));
        MustBeSymmetric(request, "Decrypt");
        if (request.Text("KeyId") is { } pinned)
        {
            var named = operations.Authorized(request, "Decrypt", pinned);
            MustSuit(named, "Decrypt");
            named.MustAllow(KeyUse.Cryptography);
            if (blob is not null && named.Id != blob.KeyId)
                throw new AwsRefusal("IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.");
        }
        if (blob is null)
            throw Invalid();
        var key = KeyOf(blob, request);
        key.MustAllow(KeyUse.Cryptography);
        var material = key.Materials.FirstOrDefault(m => m.Id == blob.MaterialId) ?? throw Invalid();
        var plain = WithSecret(key, material, secret => blob.Decrypt(secret, request.Map("EncryptionContext"))) ?? throw Invalid();
        MustNotBeDry(request);
        return new JsonObject
        {
            ["KeyId"] = key.Arn,
            ["Plaintext"] = TakeBase64(plain),
            ["EncryptionAlgorithm"] = KmsKey.Symmetric,
            ["KeyMaterialId"] = material.Id,
        };
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
            ["CiphertextBlob"] = EncryptUnder(key, plain, request),
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
        var key = operations.Authorized(request, operation, request.RequiredText("KeyId"));
        MustSuit(key, operation);
        key.MustAllow(KeyUse.Cryptography);
        return key;
    }

    /// <summary>A key that is not there and one that the caller may not use sound the same: AWS does not tell strangers which keys exist.</summary>
    private KmsKey KeyOf(CiphertextBlob blob, KmsRequest request)
    {
        var arn = AwsNames.KeyArn(request.Region, blob.KeyId);
        return keys.Find(blob.KeyId) is { } key && key.Region == request.Region && request.Caller.Refuses("kms:Decrypt", arn) is null
            ? key
            : throw new AwsRefusal("AccessDeniedException", "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.");
    }

    private string EncryptUnder(KmsKey key, byte[] plain, KmsRequest request)
    {
        var material = key.Materials[^1];
        var blob = WithSecret(key, material, secret => CiphertextBlob.Encrypt(key, material, secret, plain, request.Map("EncryptionContext")));
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

    private static string TakeBase64(byte[] plain)
    {
        var text = Convert.ToBase64String(plain);
        CryptographicOperations.ZeroMemory(plain);
        return text;
    }

    private static void MustSuit(KmsKey key, string operation)
    {
        if (key.Usage != KmsKey.EncryptDecrypt)
            throw new AwsRefusal("InvalidKeyUsageException", $"{key.Arn} key usage is {key.Usage} which is not valid for {operation}.");
    }

    private static void MustBeSymmetric(KmsRequest request, string operation)
    {
        if (request.Text("EncryptionAlgorithm") is { } algorithm and not KmsKey.Symmetric)
            throw new AwsRefusal("InvalidKeyUsageException", $"Algorithm {algorithm} is incompatible with key spec {KmsKey.Symmetric} for {operation}.");
    }

    private static void MustNotBeDry(KmsRequest request)
    {
        if (request.Flag("DryRun"))
            throw new AwsRefusal("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.");
    }

    private static AwsRefusal Invalid() => new("InvalidCiphertextException", message: null);
}
