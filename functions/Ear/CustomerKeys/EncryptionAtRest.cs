using System.Collections.Immutable;

namespace Ear.CustomerKeys;

/// <summary>A project's customer key management: one block a provider (R4), null while that provider is off.</summary>
public sealed record EncryptionAtRest(AwsKmsSettings? Aws, bool EnabledForSearchNodes)
{
    public static EncryptionAtRest Off { get; } = new(null, false);

    public AzureKeyVaultSettings? Azure { get; init; }

    public GoogleCloudKmsSettings? Gcp { get; init; }

    /// <summary>How each enabled provider's key stands; absent for a provider that is off.</summary>
    public ImmutableDictionary<KeyProvider, KeyStanding> Standings { get; init; } = ImmutableDictionary<KeyProvider, KeyStanding>.Empty;

    /// <summary>When each provider was first configured; kept while it is off, as its alert configuration is (R55).</summary>
    public ImmutableDictionary<KeyProvider, DateTimeOffset> FirstConfigured { get; init; } = ImmutableDictionary<KeyProvider, DateTimeOffset>.Empty;

    /// <summary>Null: never. Of what was configured before this was kept, the age of its key is what is known.</summary>
    public DateTimeOffset? FirstConfiguredAt(KeyProvider provider)
        => FirstConfigured.TryGetValue(provider, out var at) ? at : StandingOf(provider)?.KeySetAt;

    /// <summary>Another key, proven, or the first one.</summary>
    public EncryptionAtRest With(KeySettings settings, KeyStanding standing) => With(settings) with
    {
        Standings = Standings.SetItem(settings.Provider, standing),
        FirstConfigured = FirstConfigured.SetItem(settings.Provider, FirstConfiguredAt(settings.Provider) ?? standing.KeySetAt),
    };

    public bool IsEnabled(KeyProvider provider) => SettingsOf(provider) is not null;

    public KeySettings? SettingsOf(KeyProvider provider) => provider switch
    {
        KeyProvider.Aws => Aws,
        KeyProvider.Azure => Azure,
        KeyProvider.Gcp => Gcp,
        _ => throw new ArgumentOutOfRangeException(nameof(provider), provider, null),
    };

    public EncryptionAtRest With(KeySettings settings) => settings switch
    {
        AwsKmsSettings aws => this with { Aws = aws },
        AzureKeyVaultSettings azure => this with { Azure = azure },
        GoogleCloudKmsSettings google => this with { Gcp = google },
        _ => throw new ArgumentOutOfRangeException(nameof(settings), settings, null),
    };

    /// <summary>Off, and nothing of it is kept but that it once was on.</summary>
    public EncryptionAtRest Without(KeyProvider provider)
    {
        var rest = this with
        {
            Standings = Standings.Remove(provider),
            FirstConfigured = FirstConfiguredAt(provider) is { } first ? FirstConfigured.SetItem(provider, first) : FirstConfigured,
        };
        return provider switch
        {
            KeyProvider.Aws => rest with { Aws = null },
            KeyProvider.Azure => rest with { Azure = null },
            KeyProvider.Gcp => rest with { Gcp = null },
            _ => throw new ArgumentOutOfRangeException(nameof(provider), provider, null),
        };
    }

    public KeyStanding? StandingOf(KeyProvider provider) => Standings.GetValueOrDefault(provider);

    /// <summary>Whether a cloud-provider-access role is used by it.</summary>
    public bool Uses(Projects.RoleId role) => Enum.GetValues<KeyProvider>().Any(p => SettingsOf(p)?.UsedRole == role);
}

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
