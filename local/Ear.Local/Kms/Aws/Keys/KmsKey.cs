using System.Text.Json.Serialization;

namespace Ear.Local.Kms.Aws.Keys;

[JsonConverter(typeof(JsonStringEnumConverter<KeyState>))]
internal enum KeyState
{
    Enabled,
    Disabled,
    PendingDeletion,
    PendingReplicaDeletion,
    PendingImport,
    Creating,
    Updating,
    Unavailable,
}

/// <param name="Id">64 hex digits, as AWS gives it out.</param>
/// <param name="Sealed">The 32 bytes under the file key.</param>
internal sealed record KeyMaterial(string Id, byte[] Sealed);

internal sealed record KeyRotationPlan(int PeriodInDays, DateTimeOffset Next);

/// <param name="Type"><c>AUTOMATIC</c> or <c>ON_DEMAND</c>.</param>
internal sealed record KeyRotationDone(DateTimeOffset At, string Type, string MaterialId);

/// <summary>One KMS key. Never changed in place: an operation works on the key as it was when it asked.</summary>
/// <param name="Materials">Every material that a ciphertext may name; the last one encrypts. Empty: nothing was imported yet.</param>
internal sealed record KmsKey(
    string Id, string Region, KeyState State, string Spec, string Usage, string Origin, string Description, DateTimeOffset Created,
    DateTimeOffset? DeletionDate, IReadOnlyList<KeyMaterial> Materials)
{
    public const string Symmetric = "SYMMETRIC_DEFAULT";
    public const string EncryptDecrypt = "ENCRYPT_DECRYPT";
    public const string MultiRegionPrefix = "mrk-";

    /// <summary>Null: the key is not rotated by itself.</summary>
    public KeyRotationPlan? Rotation { get; init; }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<KeyRotationDone> Rotations { get; init; } = [];

    [JsonIgnore]
    public bool IsMultiRegion => Id.StartsWith(MultiRegionPrefix, StringComparison.Ordinal);

    [JsonIgnore]
    public string Arn => AwsNames.KeyArn(Region, Id);
}
