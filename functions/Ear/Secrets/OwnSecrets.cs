namespace Ear.Secrets;

/// <summary>
/// Ear's own among the secrets, which nobody can send again. They are made anew when a person names them, and never because one could not be read: an outage would destroy what
/// all instances and agents rely on.
/// </summary>
public sealed class OwnSecrets(ISecrets secrets)
{
    public const string NonceKey = "http/digest-nonce-key";
    public const string TokenKey = "http/access-token-key";
    public const string IntentKey = "http/intent-key";
    public const string RevokedTokens = "http/revoked-tokens";
    public const string SealingKey = "sealing-key";
    public const string EnrolmentKey = "enrolment-key";

    public static readonly IReadOnlyList<string> Names = [NonceKey, TokenKey, IntentKey, RevokedTokens, SealingKey, EnrolmentKey];

    /// <summary>Whoever needs one next makes it. Instances that run keep what they have read until they start anew.</summary>
    public async Task RenewAsync(IReadOnlyList<string> names, CancellationToken cancellation)
    {
        foreach (var name in names)
            await secrets.DeleteAsync(Names.Contains(name) ? name : throw new ArgumentOutOfRangeException(nameof(names), name, "Not one of Ear's own."), cancellation);
    }
}
