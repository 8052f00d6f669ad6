using System.Text.Json.Serialization;
using Google.Cloud.Kms.V1;
using Purpose = Google.Cloud.Kms.V1.CryptoKey.Types.CryptoKeyPurpose;
using State = Google.Cloud.Kms.V1.CryptoKeyVersion.Types.CryptoKeyVersionState;

namespace Ear.Local.Kms.Google.Keys;

internal sealed record StoredRing(string Name, DateTimeOffset Created);

/// <param name="Sealed">32 bytes under the file key; null: destroyed, never generated, or not of a symmetric key.</param>
/// <param name="DestroyTime">When it will be destroyed; null unless DESTROY_SCHEDULED.</param>
internal sealed record StoredVersion(
    int Id, State State, ProtectionLevel Protection, CryptoKeyVersion.Types.CryptoKeyVersionAlgorithm Algorithm, DateTimeOffset Created,
    DateTimeOffset? DestroyTime, DateTimeOffset? Destroyed, byte[]? Sealed);

/// <summary>A key with all its versions. Never changed in place: an operation works on the key as it was when it asked.</summary>
/// <param name="Primary">Version that encrypts; null: none was ever made primary.</param>
internal sealed record StoredKey(
    string Name, Purpose Purpose, DateTimeOffset Created, ProtectionLevel Protection, CryptoKeyVersion.Types.CryptoKeyVersionAlgorithm Algorithm,
    TimeSpan DestroyScheduledDuration, bool ImportOnly, TimeSpan? RotationPeriod, DateTimeOffset? NextRotation,
    IReadOnlyDictionary<string, string> Labels, int? Primary, IReadOnlyList<StoredVersion> Versions)
{
    [JsonIgnore]
    public bool IsSymmetric => Purpose == Purpose.EncryptDecrypt;

    [JsonIgnore]
    public int NextVersionId => Versions.Count == 0 ? 1 : Versions[^1].Id + 1;

    public StoredVersion? Version(int? id) => Versions.FirstOrDefault(v => v.Id == id);

    public StoredVersion? Version(string id) => Versions.FirstOrDefault(v => v.Id.ToString() == id);

    public string NameOf(StoredVersion version) => $"{Name}/cryptoKeyVersions/{version.Id}";

    public StoredKey With(StoredVersion changed) => this with { Versions = [.. Versions.Select(v => v.Id == changed.Id ? changed : v)] };
}
