namespace Ear.CustomerKeys;

/// <summary>
/// The customer's key at one provider. Each call keeps a budget of 10 s, tries at most three times, and turns every answer into
/// one of three verdicts; cancellation by the caller is not a verdict and throws <see cref="OperationCanceledException"/>.
/// Any other exception is a bug. One contract suite holds for all implementations (CustomerKeyContract).
/// </summary>
public interface ICustomerKey
{
    KeyProvider Provider { get; }

    /// <summary>
    /// Decrypts <paramref name="canary"/>, which decides; metadata only explains (spec kms §2). The plaintext is thrown away.
    /// </summary>
    Task<KeyCheck> CheckAsync(CustomerKey key, WrappedKey canary, KeyContext context, CancellationToken cancellation);

    /// <summary>Wraps at most 64 bytes under the key's current version.</summary>
    Task<KeyAnswer<WrappedKey>> WrapAsync(CustomerKey key, ReadOnlyMemory<byte> plaintext, KeyContext context, CancellationToken cancellation);

    /// <summary>Opens what <see cref="WrapAsync"/> made, with the very key version that made it. The caller zeroes the plaintext.</summary>
    Task<KeyAnswer<byte[]>> UnwrapAsync(CustomerKey key, WrappedKey wrapped, KeyContext context, CancellationToken cancellation);
}

/// <summary>A verdict and what was learnt for people.</summary>
public sealed record KeyCheck(KeyVerdict Verdict, KeyFacts Facts);

/// <param name="State">The provider's own word for the key's state, where asked.</param>
/// <param name="DeletionDate">Until when a deletion can be cancelled.</param>
/// <param name="RequestId">The provider's request id of the deciding answer.</param>
public sealed record KeyFacts(string? State = null, DateTimeOffset? DeletionDate = null, string? RequestId = null)
{
    /// <summary>When the key, or its imported material, stops to be usable by its own date.</summary>
    public DateTimeOffset? KeyExpires { get; init; }

    /// <summary>When the credential ends, where the provider tells.</summary>
    public DateTimeOffset? CredentialExpires { get; init; }

    /// <summary>The provider's own rotation of the key; null where it does not tell.</summary>
    public KeyRotation? Rotation { get; init; }

    /// <summary>Ear's address as the provider saw it: what a firewall has to let in.</summary>
    public string? CallerAddress { get; init; }

    public static KeyFacts None { get; } = new();
}

public sealed record KeyRotation(bool Enabled, DateTimeOffset? Last = null, DateTimeOffset? Next = null);

/// <summary>What was asked for, or the verdict that explains why there is none (never <see cref="KeyVerdict.Valid"/> then).</summary>
public readonly struct KeyAnswer<T>
    where T : class
{
    private KeyAnswer(T? value, KeyVerdict verdict)
    {
        Value = value;
        Verdict = verdict;
    }

    public T? Value { get; }

    public KeyVerdict Verdict { get; }

    public static KeyAnswer<T> Of(T value) => new(value, new KeyVerdict.Valid());

    public static KeyAnswer<T> No(KeyVerdict verdict)
        => verdict is KeyVerdict.Valid ? throw new ArgumentException("A refusal needs a reason.", nameof(verdict)) : new(null, verdict);
}
