using Ear.CustomerKeys;
using Ear.Outcomes;

namespace Ear.Functions.Http.Answers;

/// <summary>Atlas's code for each reason why a provider refused a key at configuration time (spec atlas-ear §2.4).</summary>
internal static class KeyRefusedAnswers
{
    public static ErrorAnswer Of(Problem.KeyRefused refused) => refused.Provider switch
    {
        KeyProvider.Aws => Aws(refused),
        KeyProvider.Azure => Azure(refused),
        KeyProvider.Gcp => Google(refused),
        _ => throw NoCode(refused),
    };

    private static ErrorAnswer Aws(Problem.KeyRefused refused) => refused.Reason switch
    {
        InvalidReason.CredentialsInvalid => new(400, "INVALID_AWS_CREDENTIALS", $"AWS did not take the credentials. {refused.Detail}") { RetryAfter = ProblemAnswers.AskAgain },
        InvalidReason.KeyNotFound => new(404, "AWS_CUSTOMER_MASTER_KEY_NOT_FOUND", $"The customer master key was not found in the region. {refused.Detail}"),
        InvalidReason.KeyDisabled => new(400, "AWS_KMS_CUSTOMER_MASTER_KEY_NOT_ENABLED", $"The customer master key is not enabled. {refused.Detail}"),
        InvalidReason.KeyDeletedOrPendingDeletion => new(400, "AWS_KMS_CUSTOMER_MASTER_KEY_PENDING_DELETION", $"The customer master key is pending deletion. {refused.Detail}"),
        InvalidReason.KeyExpiredOrNotYetValid or InvalidReason.KeyNotYetValid => new(400, "AWS_KMS_CUSTOMER_MASTER_KEY_PENDING_IMPORT", $"The customer master key has no key material. {refused.Detail}"),
        InvalidReason.PermissionDenied => new(400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT",
            $"The role needs kms:Encrypt, kms:Decrypt and kms:DescribeKey on the customer master key. {refused.Detail}"),
        InvalidReason.WrongKeyType => WrongType("awsKms.customerMasterKeyID", $"The customer master key is not a symmetric key for encryption. {refused.Detail}"),
        _ => throw NoCode(refused),
    };

    private static ErrorAnswer Azure(Problem.KeyRefused refused) => refused.Reason switch
    {
        InvalidReason.CredentialsInvalid => new(400, "INVALID_AZURE_CREDENTIALS", $"Azure did not take clientID, tenantID and secret. {refused.Detail}"),
        InvalidReason.KeyNotFound => new(400, "AZURE_KEY_VAULT_KEY_NOT_FOUND", $"The key version was not found in the vault. {refused.Detail}"),
        InvalidReason.KeyDisabled => new(400, "AZURE_KEY_VAULT_KEY_NOT_ENABLED", $"The key version is not enabled. {refused.Detail}"),
        InvalidReason.KeyDeletedOrPendingDeletion => new(400, "AZURE_KEY_VAULT_KEY_NOT_FOUND", $"The key is deleted; recover it first. {refused.Detail}"),
        InvalidReason.KeyExpiredOrNotYetValid => new(400, "AZURE_KEY_VAULT_KEY_EXPIRED", $"The key version has expired. {refused.Detail}"),
        InvalidReason.KeyNotYetValid => new(400, "AZURE_KEY_VAULT_KEY_NOT_ACTIVE", $"The key version is not active yet. {refused.Detail}"),
        InvalidReason.PermissionDenied => new(400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT",
            $"The application needs keys/read, keys/wrap and keys/unwrap on the key (role Key Vault Crypto User, or get, wrapKey and unwrapKey in the access policy). {refused.Detail}"),
        InvalidReason.WrongKeyType => WrongType("azureKeyVault.keyIdentifier", $"The key is not an RSA key that allows wrapKey and unwrapKey. {refused.Detail}"),
        _ => throw NoCode(refused),
    };

    private static ErrorAnswer Google(Problem.KeyRefused refused) => refused.Reason switch
    {
        InvalidReason.CredentialsInvalid => new(400, "INVALID_GOOGLE_CLOUD_CREDENTIALS", $"Google did not take the service account. {refused.Detail}"),
        InvalidReason.KeyNotFound => new(400, "GOOGLE_CLOUD_KMS_KEY_VERSION_NOT_FOUND", $"The key version was not found. {refused.Detail}"),
        InvalidReason.KeyDisabled => new(400, "GOOGLE_CLOUD_KMS_KEY_VERSION_DISABLED", $"The key version is disabled. {refused.Detail}"),
        InvalidReason.KeyDeletedOrPendingDeletion => new(400, "GOOGLE_CLOUD_KMS_KEY_VERSION_DESTROY_SCHEDULED", $"The key version is destroyed or scheduled for it. {refused.Detail}"),
        InvalidReason.KeyExpiredOrNotYetValid or InvalidReason.KeyNotYetValid => new(400, "GOOGLE_CLOUD_KMS_KEY_VERSION_PENDING_GENERATION", $"The key version has no key material yet. {refused.Detail}"),
        InvalidReason.PermissionDenied => new(400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT",
            $"The service account needs cloudkms.cryptoKeyVersions.useToEncrypt and useToDecrypt on the key (role Cloud KMS CryptoKey Encrypter/Decrypter, and Cloud KMS Viewer). {refused.Detail}"),
        InvalidReason.WrongKeyType => WrongType("googleCloudKms.keyVersionResourceID", $"The key's purpose is not ENCRYPT_DECRYPT. {refused.Detail}"),
        _ => throw NoCode(refused),
    };

    private static ErrorAnswer WrongType(string field, string detail) => new(400, "INVALID_ATTRIBUTE", detail, field) { Fields = [new(field, detail)] };

    private static ArgumentOutOfRangeException NoCode(Problem.KeyRefused refused) => new(nameof(refused), refused, "A refusal without a code: add it here.");
}
