using System.Text.Json.Serialization;

namespace Ear.Local.Kms.Azure.Vault;

/// <summary>Where a key's name stands in the soft-delete cycle.</summary>
internal enum KeyPhase
{
    Active,

    /// <summary>DELETE was answered; the deleted key cannot be looked at yet. Its name answers 409 ObjectIsBeingDeleted.</summary>
    BeingDeleted,

    /// <summary>Can be recovered or purged until its purge date; its name answers 404, and 409 to whoever would reuse it.</summary>
    Deleted,

    /// <summary>Recovery was answered; the key still answers 404.</summary>
    BeingRecovered,

    /// <summary>Past its purge date: as if it had never been.</summary>
    Purged,
}

/// <summary>A key with all its versions. Never changed in place: an operation works on the key as it was when it asked.</summary>
/// <param name="Versions">Oldest first; the last is the current one.</param>
internal sealed record VaultKey(string Name, IReadOnlyList<KeyVersion> Versions)
{
    public RotationPolicy? Rotation { get; init; }

    public DateTimeOffset? DeletedOn { get; init; }

    public DateTimeOffset? PurgeOn { get; init; }

    /// <summary>When the last deletion or recovery is through.</summary>
    public DateTimeOffset SettledOn { get; init; } = DateTimeOffset.MinValue;

    [JsonIgnore]
    public KeyVersion Current => Versions[^1];

    public KeyPhase PhaseAt(DateTimeOffset now) => (DeletedOn is not null, now >= SettledOn) switch
    {
        (true, _) when now >= PurgeOn => KeyPhase.Purged,
        (true, true) => KeyPhase.Deleted,
        (true, false) => KeyPhase.BeingDeleted,
        (false, true) => KeyPhase.Active,
        (false, false) => KeyPhase.BeingRecovered,
    };

    /// <param name="version">null: the current one.</param>
    public KeyVersion Version(string? version) => version is null
        ? Current
        : Versions.FirstOrDefault(v => v.Id == version) ?? throw AzureRefusal.KeyNotFound($"{Name}/{version}");
}

/// <param name="ExpiryTime">ISO 8601 period after which a version made by rotation expires; null: never.</param>
/// <param name="Actions">As they were put: trigger and action of each.</param>
internal sealed record RotationPolicy(string? ExpiryTime, IReadOnlyList<RotationAction> Actions, DateTimeOffset Created, DateTimeOffset Updated);

/// <param name="Type">Rotate or Notify.</param>
/// <param name="TimeAfterCreate">ISO 8601 period.</param>
/// <param name="TimeBeforeExpiry">ISO 8601 period.</param>
internal sealed record RotationAction(string Type, string? TimeAfterCreate, string? TimeBeforeExpiry);
