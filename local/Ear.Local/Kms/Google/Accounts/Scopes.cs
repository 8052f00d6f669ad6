namespace Ear.Local.Kms.Google.Accounts;

/// <summary>The OAuth scopes with which Cloud KMS lets a token in.</summary>
internal static class Scopes
{
    public const string CloudPlatform = "https://www.googleapis.com/auth/cloud-platform";
    public const string CloudKms = "https://www.googleapis.com/auth/cloudkms";

    public static bool Suffice(string? scope) => scope?.Split(' ').Any(s => s is CloudPlatform or CloudKms) == true;
}
