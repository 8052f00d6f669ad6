using Ear.CustomerKeys;
using Ear.Providers.Kms;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AwsKms;

/// <summary>Whether a customer's role lets Ear in, asked of STS each time.</summary>
internal sealed class AwsRoles(RoleSessions sessions, KmsCalls<AwsKmsOptions> calls, IOptions<AwsKmsOptions> options) : IAwsRoles
{
    public async Task<KeyVerdict> TryAssumeAsync(string roleArn, string externalId, CancellationToken cancellation)
    {
        using var budget = calls.Attempts.StartBudget(cancellation);
        var assumed = await calls.Attempts.RunAsync<AwsStep, AwsSession>(
            attempt => sessions.AssumeAsync(new RoleName(roleArn, externalId, options.Value.StsRegion), attempt), AwsFailures.Judge, budget);
        return assumed.Failure?.Verdict ?? new KeyVerdict.Valid();
    }
}
