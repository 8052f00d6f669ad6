using System.Security.Cryptography;
using System.Text;
using Amazon.Runtime;
using Ear.CustomerKeys;
using Ear.Providers.Kms;
using Ear.Secrets;

namespace Ear.Providers.AwsKms;

/// <summary>The client that may use a customer's key: with a session of the customer's role, or with the customer's own access key.</summary>
internal sealed class AwsSessions(RoleSessions roles, AwsClients clients, ISecrets secrets, KmsCalls<AwsKmsOptions> calls)
{
    private readonly KmsSessions<KeyName, AwsSession> byAccessKey = calls.Sessions<KeyName, AwsSession>(early: TimeSpan.Zero);

    /// <summary>Leaves the try at the step whose answer it is made for.</summary>
    public async Task<AwsSession> GetAsync(AwsAccess access, string region, KmsTry<AwsStep> attempt)
    {
        switch (access)
        {
            case AwsAccess.Role role:
                var session = await roles.GetAsync(new RoleName(role.RoleArn, role.ExternalId, region), attempt);
                attempt.Step = AwsStep.Kms;
                return session;
            case AwsAccess.AccessKey key:
                attempt.Step = AwsStep.KmsByAccessKey;
                return await byAccessKey.GetAsync(new KeyName(key.AccessKeyId, key.SecretName, region), attempt, OpenAsync);
            default:
                throw new NotSupportedException($"No way to use a key by {access.GetType().Name}.");
        }
    }

    /// <summary>The account that KMS charges calls to; an access key, whose account is not known, stands for it.</summary>
    public static string ChargedTo(AwsAccess access) => access switch
    {
        AwsAccess.Role role => role.RoleArn.Split(':').ElementAtOrDefault(4) ?? "",
        AwsAccess.AccessKey key => key.AccessKeyId,
        _ => "",
    };

    /// <summary>An access key does not end: changed ones have another secret's name (<see cref="CustomerKey"/>).</summary>
    private async Task<AwsSession> OpenAsync(KeyName name)
    {
        var secret = await calls.Own.SecretAsync(secrets, name.SecretName) ?? throw new NoSecretException();
        try
        {
            return new AwsSession(clients.Kms(new BasicAWSCredentials(name.AccessKeyId, Encoding.UTF8.GetString(secret)), name.Region), DateTimeOffset.MaxValue);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private readonly record struct KeyName(string AccessKeyId, string SecretName, string Region);
}

/// <summary>Ear has lost a secret that it was given.</summary>
internal sealed class NoSecretException() : Exception("The secret of the access key is not in Ear's store.");
