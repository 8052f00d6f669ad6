using System.Collections.Immutable;

namespace Ear.CustomerKeys;

/// <summary>A project's customer key management: one block a provider (R4), null while that provider is off.</summary>
public sealed record EncryptionAtRest(AwsKmsSettings? Aws, bool EnabledForSearchNodes)
{
    public static EncryptionAtRest Off { get; } = new(null, false);

    /// <summary>How each enabled provider's key stands; absent for a provider that is off.</summary>
    public ImmutableDictionary<KeyProvider, KeyStanding> Standings { get; init; } = ImmutableDictionary<KeyProvider, KeyStanding>.Empty;

    public bool IsEnabled(KeyProvider provider) => provider is KeyProvider.Aws && Aws is not null;

    public KeyStanding? StandingOf(KeyProvider provider) => Standings.GetValueOrDefault(provider);
}

/// <param name="RoleId">An authorised cloud-provider-access role of the project (24 hexadecimal characters).</param>
/// <param name="CustomerMasterKeyId">Key id or key ARN, 1 to 2,048 characters.</param>
/// <param name="Region">Atlas's form: US_EAST_1.</param>
public sealed record AwsKmsSettings(Projects.RoleId RoleId, string CustomerMasterKeyId, string Region, bool RequirePrivateNetworking);

/// <summary>How a configured key stands: what the world shows as <c>valid</c>, and what the last checks said.</summary>
/// <param name="Valid">The last known certain answer; an unknown one leaves it (C15).</param>
/// <param name="Last">What the last check said, certain or not.</param>
/// <param name="Canary">Wrapped with the key version that live data uses; its decryption decides.</param>
/// <param name="KeySetAt">When this key was configured: the age that the rotation alert counts (R55).</param>
/// <param name="SuspectedSince">When a first check gave an answer that needs a second one; null otherwise.</param>
public sealed record KeyStanding(
    bool Valid,
    KeyVerdict Last,
    DateTimeOffset CheckedAt,
    WrappedKey Canary,
    DateTimeOffset KeySetAt,
    DateTimeOffset? SuspectedSince = null)
{
    public KeyFacts Facts { get; init; } = KeyFacts.None;

    /// <summary>Since when clusters are to be down for this key: a scheduled check confirmed that it is invalid (C11). Null: nothing is stopped, whatever <see cref="Valid"/> says.</summary>
    public DateTimeOffset? ShutDownSince { get; init; }

    /// <summary>How many checks in a row gave no answer through a fault that is not Ear's own.</summary>
    public int UnknownInARow { get; init; }

    /// <summary>When anything that the world sees of this standing last changed; its alerts are named after it.</summary>
    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>True while the provider cannot be reached: the alert of R37/R41 is open.</summary>
    public bool NetworkAccessDenied { get; init; }
}
