namespace Ear.Local.Kms.Google;

/// <summary>The service account that a valid token was made for.</summary>
internal sealed record GoogleCaller(string Email)
{
    /// <summary>As IAM policies name it.</summary>
    public string Member => MemberOf(Email);

    public static string MemberOf(string email) => "serviceAccount:" + email;
}
