using System.Security.Cryptography;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.CustomerKeys;

/// <summary>Proves a configuration before it is saved: a real wrap and a real check, so that a typo is found now and not by the sweep (R15).</summary>
public sealed class KeyProof(IEnumerable<ICustomerKey> providers, IIds ids)
{
    private const int CanaryBytes = 32;

    /// <param name="live">The canary of the key that live data uses; null for a key that nothing uses yet.</param>
    /// <returns>The canary to keep: <paramref name="live"/>, or a new one.</returns>
    public async Task<Outcome<KeyProven>> ProveAsync(Project project, AwsKmsSettings settings, WrappedKey? live, CancellationToken cancellation)
    {
        if (project.KeyOf(settings) is not CustomerKey.Aws key)
            return new Problem.RoleNotAuthorized(settings.RoleId.Value);
        var provider = providers.First(p => p.Provider == key.Provider);
        var context = KeyContext.ForCanary(project.Id.Value);
        var secret = ids.Secret(CanaryBytes);
        var wrapped = await provider.WrapAsync(key, secret, context, cancellation);
        CryptographicOperations.ZeroMemory(secret);
        if (wrapped.Value is not { } made)
            return Refusal(key, wrapped.Verdict);
        var canary = live ?? made;
        var check = await provider.CheckAsync(key, canary, context, cancellation);
        return check.Verdict is KeyVerdict.Valid ? new KeyProven(key, canary, check.Facts) : Refusal(key, check.Verdict);
    }

    private static Problem Refusal(CustomerKey.Aws key, KeyVerdict verdict) => verdict switch
    {
        KeyVerdict.Invalid { Reason: InvalidReason.CredentialsInvalid } => new Problem.CannotAssumeRole(((AwsAccess.Role)key.Access).RoleArn),
        KeyVerdict.Invalid invalid => new Problem.KeyRefused(key.Provider, invalid.Reason, invalid.Detail),
        KeyVerdict.Unknown unknown => new Problem.KeyUnreachable(key.Provider, unknown.Reason, unknown.Detail),
        _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict, null),
    };
}

/// <param name="Key">For which key it holds: a proof is used again only for the same one.</param>
public sealed record KeyProven(CustomerKey Key, WrappedKey Canary, KeyFacts Facts);
