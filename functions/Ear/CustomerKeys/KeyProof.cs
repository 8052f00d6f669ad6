using System.Security.Cryptography;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.CustomerKeys;

/// <summary>Proves a configuration before it is saved: a real wrap and a real check, so that a typo is found now and not by the sweep (R15).</summary>
public sealed class KeyProof(IEnumerable<ICustomerKey> providers, IIds ids, TimeProvider time)
{
    /// <summary>A key that ends sooner is refused (R21).</summary>
    private static readonly TimeSpan ShortestLife = TimeSpan.FromHours(48);
    private const int CanaryBytes = 32;

    /// <summary>The same key through other credentials has to open what live data uses.</summary>
    internal Task<Outcome<KeyProven>> ProveAsync(Project project, KeyChange.Configure change, CancellationToken cancellation)
        => ProveAsync(project.Id, change.Key, change.Renews ? null : project.EncryptionAtRest.StandingOf(change.Provider)?.Canary, cancellation);

    /// <param name="live">The canary of the key that live data uses; null for a key that nothing uses yet.</param>
    /// <returns>The canary to keep: <paramref name="live"/>, or a new one.</returns>
    public async Task<Outcome<KeyProven>> ProveAsync(ProjectId project, CustomerKey key, WrappedKey? live, CancellationToken cancellation)
    {
        if (providers.FirstOrDefault(p => p.Provider == key.Provider) is not { } provider)
            return new Problem.ProviderNotSupported(key.Provider.AtlasName());
        var context = KeyContext.ForCanary(project.Value);
        var secret = ids.Secret(CanaryBytes);
        var wrapped = await provider.WrapAsync(key, secret, context, cancellation);
        CryptographicOperations.ZeroMemory(secret);
        if (wrapped.Value is not { } made)
            return Refusal(key, wrapped.Verdict);
        var canary = live ?? made;
        var check = await provider.CheckAsync(key, canary, context, cancellation);
        if (check.Verdict is not KeyVerdict.Valid)
            return Refusal(key, check.Verdict);
        return check.Facts.KeyExpires is { } expires && expires - time.GetUtcNow() < ShortestLife
            ? new Problem.KeyExpiring(key.Provider, expires)
            : new KeyProven(key, canary, check.Facts);
    }

    private static Problem Refusal(CustomerKey key, KeyVerdict verdict) => (key, verdict) switch
    {
        (CustomerKey.Aws { Access: AwsAccess.Role role }, KeyVerdict.Invalid { Reason: InvalidReason.CredentialsInvalid }) => new Problem.CannotAssumeRole(role.RoleArn),
        (_, KeyVerdict.Invalid invalid) => new Problem.KeyRefused(key.Provider, invalid.Reason, invalid.Detail),
        (_, KeyVerdict.Unknown unknown) => new Problem.KeyUnreachable(key.Provider, unknown.Reason, unknown.Detail),
        _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict, null),
    };
}

/// <param name="Key">For which key it holds: a proof is used again only for the same one.</param>
public sealed record KeyProven(CustomerKey Key, WrappedKey Canary, KeyFacts Facts);
