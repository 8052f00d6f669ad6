namespace Ear.Local.Kms.Google.Iam;

/// <summary>Google's predefined roles for Cloud KMS, and what each allows here. <c>cryptoKeys.get</c> does not come with the encrypter roles (spec kms §1.3).</summary>
internal static class Roles
{
    public const string Owner = "roles/owner";
    public const string Admin = "roles/cloudkms.admin";
    public const string Viewer = "roles/cloudkms.viewer";
    public const string Encrypter = "roles/cloudkms.cryptoKeyEncrypter";
    public const string Decrypter = "roles/cloudkms.cryptoKeyDecrypter";
    public const string EncrypterDecrypter = "roles/cloudkms.cryptoKeyEncrypterDecrypter";

    private static readonly string[] Looking =
    [
        "cloudkms.keyRings.get", "cloudkms.keyRings.list", "cloudkms.cryptoKeys.get", "cloudkms.cryptoKeys.list",
        "cloudkms.cryptoKeyVersions.get", "cloudkms.cryptoKeyVersions.list",
    ];

    private static readonly string[] Managing =
    [
        .. Looking,
        "cloudkms.keyRings.create", "cloudkms.keyRings.getIamPolicy", "cloudkms.keyRings.setIamPolicy",
        "cloudkms.cryptoKeys.create", "cloudkms.cryptoKeys.update", "cloudkms.cryptoKeys.getIamPolicy", "cloudkms.cryptoKeys.setIamPolicy",
        "cloudkms.cryptoKeyVersions.create", "cloudkms.cryptoKeyVersions.update", "cloudkms.cryptoKeyVersions.destroy", "cloudkms.cryptoKeyVersions.restore",
    ];

    private static readonly Dictionary<string, string[]> Permissions = new()
    {
        [Owner] = [.. Managing, "cloudkms.cryptoKeyVersions.useToEncrypt", "cloudkms.cryptoKeyVersions.useToDecrypt"],
        [Admin] = Managing,
        [Viewer] = Looking,
        [Encrypter] = ["cloudkms.cryptoKeyVersions.useToEncrypt"],
        [Decrypter] = ["cloudkms.cryptoKeyVersions.useToDecrypt"],
        [EncrypterDecrypter] = ["cloudkms.cryptoKeyVersions.useToEncrypt", "cloudkms.cryptoKeyVersions.useToDecrypt"],
    };

    public static bool Exists(string role) => Permissions.ContainsKey(role);

    public static bool Allows(string role, string permission) => Permissions.TryGetValue(role, out var allowed) && allowed.Contains(permission);
}
