namespace Ear.CustomerKeys;

/// <summary>The customer's IAM roles, as Ear may assume them (spec atlas-ear §2.11).</summary>
public interface IAwsRoles
{
    /// <summary>
    /// Asks AWS STS for a session of the role and throws it away. <see cref="KeyVerdict.Valid"/>: it can be assumed;
    /// <see cref="KeyVerdict.Invalid"/>: AWS refused (trust policy, external id, no such role);
    /// <see cref="KeyVerdict.Unknown"/>: no answer, or a fault of Ear's own credential. At most 10 s, never cached.
    /// </summary>
    Task<KeyVerdict> TryAssumeAsync(string roleArn, string externalId, CancellationToken cancellation);
}
