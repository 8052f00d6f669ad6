using Amazon.Runtime;
using Amazon.SecurityToken.Model;
using Ear.Providers.Kms;

namespace Ear.Providers.AwsKms;

internal readonly record struct RoleName(string RoleArn, string ExternalId, string Region);

/// <summary>Sessions of customers' roles.</summary>
internal sealed class RoleSessions(AwsClients clients, KmsCalls<AwsKmsOptions> calls, TimeProvider time)
{
    private const string SessionName = "ear-encryption-at-rest";

    // STS allows an account 600 AssumeRole calls a second in a region (spec kms §4). 5 % are 30; a tenth of a second's worth may come at once: 27 + 2.7.
    private const double AssumeRolePerSecond = 27;

    /// <summary>Whatever the role allows, a session of Ear can do no more than this.</summary>
    private const string SessionPolicy =
        """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["kms:Encrypt","kms:Decrypt","kms:DescribeKey","kms:GetKeyRotationStatus","kms:ListKeyRotations"],"Resource":"*"}]}""";

    private readonly KmsSessions<RoleName, AwsSession> sessions = calls.Sessions<RoleName, AwsSession>(early: TimeSpan.FromMinutes(5));

    public Task<AwsSession> GetAsync(RoleName role, KmsTry<AwsStep> attempt)
    {
        attempt.Step = AwsStep.Sts;
        return sessions.GetAsync(role, attempt, AssumeSharedAsync);
    }

    /// <summary>Asks STS and keeps nothing.</summary>
    public async Task<AwsSession> AssumeAsync(RoleName role, KmsTry<AwsStep> attempt)
    {
        attempt.Step = AwsStep.Sts;
        var own = await OwnAsync();
        return await calls.Gates.RunAsync(At(role), attempt, AssumeRolePerSecond, () => AssumeAsync(own, role, attempt.Cancellation), AwsFailures.Judge);
    }

    private async Task<AwsSession> AssumeSharedAsync(RoleName role)
    {
        var own = await OwnAsync();
        return await calls.Gates.RunSharedAsync(At(role), AssumeRolePerSecond, stop => AssumeAsync(own, role, stop), e => AwsFailures.Judge(AwsStep.Sts, e));
    }

    private static KmsEndpoint At(RoleName role) => new($"AWS STS in {role.Region}", $"AWS STS in {role.Region}");

    private async Task<AwsSession> AssumeAsync(AWSCredentials own, RoleName role, CancellationToken cancellation)
    {
        using var sts = clients.Sts(own, role.Region);
        var request = new AssumeRoleRequest
        {
            RoleArn = role.RoleArn,
            ExternalId = role.ExternalId,
            RoleSessionName = SessionName,
            Policy = SessionPolicy,
        };
        var credentials = (await sts.AssumeRoleAsync(request, cancellation)).Credentials;
        var ends = credentials.Expiration is { } expiration ? new DateTimeOffset(expiration.ToUniversalTime()) : time.GetUtcNow();
        return new AwsSession(clients.Kms(credentials, role.Region), ends);
    }

    private Task<AWSCredentials> OwnAsync() => calls.Own.GetAsync(
        async _ =>
        {
            var own = clients.Own();
            await own.GetCredentialsAsync();
            return own;
        },
        "NoOwnCredential", "Ear finds no AWS credential of its own.");
}
