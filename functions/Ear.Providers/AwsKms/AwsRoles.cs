using Ear.CustomerKeys;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AwsKms;

/// <summary>Whether a customer's role lets Ear in, asked of STS each time.</summary>
internal sealed class AwsRoles(RoleSessions sessions, AwsAttempts attempts, IOptions<AwsKmsOptions> options) : IAwsRoles
{
    public async Task<KeyVerdict> TryAssumeAsync(string roleArn, string externalId, CancellationToken cancellation)
    {
        using var budget = attempts.StartBudget();
        var assumed = await attempts.RunAsync(
            attempt => sessions.AssumeAsync(new RoleName(roleArn, externalId, options.Value.StsRegion), attempt), budget.Token, cancellation);
        return assumed.Failure?.Verdict ?? new KeyVerdict.Valid();
    }
}
