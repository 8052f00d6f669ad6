using System.Security.Cryptography;

namespace Ear.Local.Kms.Aws;

/// <summary>Accounts, ARNs and random ids. The account numbers are the ones AWS's documentation uses for examples.</summary>
internal static class AwsNames
{
    public const string CustomerAccount = "111122223333";
    public const string EarAccount = "444455556666";
    public const string CustomerAdministratorArn = $"arn:aws:iam::{CustomerAccount}:user/administrator";
    public const string ControlPlaneArn = $"arn:aws:iam::{EarAccount}:user/ear-control-plane";
    public const string DefaultRole = "ear-encryption-at-rest";

    public static string RoleArn(string path, string name) => $"arn:aws:iam::{CustomerAccount}:role{path}{name}";

    public static string KeyArn(string region, string keyId) => $"arn:aws:kms:{region}:{CustomerAccount}:key/{keyId}";

    /// <param name="alias">With its <c>alias/</c>.</param>
    public static string AliasArn(string region, string alias) => $"arn:aws:kms:{region}:{CustomerAccount}:{alias}";

    public static Guid NewGuid() => new(RandomNumberGenerator.GetBytes(16));

    /// <param name="prefix">AKIA: long-lived access key; ASIA: session; AROA: role.</param>
    public static string NewId(string prefix) => prefix + RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16);

    /// <summary>Letters and digits only: pasted into a shell or JSON as it is.</summary>
    public static string NewSecret() => RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 40);
}
