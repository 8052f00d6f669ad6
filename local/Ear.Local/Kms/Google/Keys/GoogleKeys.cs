using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Ear.Local.Kms.Control;
using Ear.Local.Kms.Data;
using Google.Cloud.Kms.V1;
using State = Google.Cloud.Kms.V1.CryptoKeyVersion.Types.CryptoKeyVersionState;

namespace Ear.Local.Kms.Google.Keys;

/// <summary>
/// All key rings and keys: in memory for reading, on the disk before a change is seen. Material is sealed in both places. What a key's own times bring
/// about (destruction, rotation) is done when somebody next looks: nobody can tell the difference.
/// </summary>
internal sealed class GoogleKeys
{
    private const string RingKind = "google-ring";
    private const string KeyKind = "google-key";

    private readonly Lock writing = new();
    private readonly KmsDocuments documents;
    private readonly Seal seal;
    private readonly ServiceClock clock;
    private readonly ConcurrentDictionary<string, StoredRing> rings;
    private readonly ConcurrentDictionary<string, StoredKey> keys;

    public GoogleKeys(KmsDocuments documents, Seal seal, ServiceClock clock)
    {
        this.documents = documents;
        this.seal = seal;
        this.clock = clock;
        rings = new(documents.All(RingKind).Select(body => JsonSerializer.Deserialize<StoredRing>(body)!).ToDictionary(r => r.Name));
        keys = new(documents.All(KeyKind).Select(body => JsonSerializer.Deserialize<StoredKey>(body)!).ToDictionary(k => k.Name));
    }

    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<StoredRing> RingsIn(ResourceName location) =>
        [.. rings.Values.Where(r => r.Name.StartsWith(location + "/", StringComparison.Ordinal)).OrderBy(r => r.Name, StringComparer.Ordinal)];

    public IReadOnlyList<StoredKey> KeysIn(ResourceName ring) =>
        [.. keys.Keys.Where(k => k.StartsWith(ring + "/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(k => Key(ResourceName.Parse(k, ResourceKind.CryptoKey)))];

    /// <exception cref="GoogleRefusal">NOT_FOUND.</exception>
    public StoredRing Ring(ResourceName name) => rings.GetValueOrDefault(name.ToString()) ?? throw GoogleRefusal.NotFound(name);

    /// <exception cref="GoogleRefusal">NOT_FOUND.</exception>
    public StoredKey Key(ResourceName name)
    {
        var key = keys.GetValueOrDefault(name.ToString()) ?? throw GoogleRefusal.NotFound(name);
        return IsDue(key) ? Change(name, changed => changed) : key;
    }

    /// <exception cref="GoogleRefusal">NOT_FOUND.</exception>
    public (StoredKey Key, StoredVersion Version) Version(ResourceName name)
    {
        var key = Key(name.Parent);
        return (key, key.Version(name.Id) ?? throw GoogleRefusal.NotFound(name));
    }

    public void MustExist(ResourceName name)
    {
        if (name.Kind == ResourceKind.KeyRing)
            Ring(name);
        else
            Key(name);
    }

    /// <exception cref="GoogleRefusal">ALREADY_EXISTS.</exception>
    public StoredRing AddRing(ResourceName name)
    {
        lock (writing)
        {
            var ring = new StoredRing(name.ToString(), clock.Now);
            if (rings.ContainsKey(ring.Name))
                throw GoogleRefusal.Exists(name);
            documents.Put(RingKind, ring.Name, JsonSerializer.Serialize(ring));
            rings[ring.Name] = ring;
            return ring;
        }
    }

    /// <param name="key">Without versions.</param>
    /// <exception cref="GoogleRefusal">ALREADY_EXISTS.</exception>
    public StoredKey AddKey(StoredKey key, bool withVersion)
    {
        lock (writing)
        {
            if (keys.ContainsKey(key.Name))
                throw GoogleRefusal.Exists(ResourceName.Parse(key.Name, ResourceKind.CryptoKey));
            if (withVersion)
                key = WithNewVersion(key, primary: key.IsSymmetric);
            return Save(key);
        }
    }

    public StoredKey AddVersion(ResourceName key, State state) => Change(key, k =>
    {
        var grown = WithNewVersion(k, primary: false);
        return grown.With(grown.Versions[^1] with { State = state });
    });

    /// <summary>One change at a time; <paramref name="change"/> sees the key as it is now and may refuse by throwing.</summary>
    public StoredKey Change(ResourceName name, Func<StoredKey, StoredKey> change)
    {
        lock (writing)
            return Save(change(Due(keys.GetValueOrDefault(name.ToString()) ?? throw GoogleRefusal.NotFound(name))));
    }

    /// <summary>Brings a version into any state, also into those that only Google or an outside key manager brings about.</summary>
    /// <param name="version">Name of a version, or of a key: its primary version.</param>
    public void Force(string version, State state)
    {
        var name = ResourceName.Parse(version, ResourceKind.CryptoKey, ResourceKind.CryptoKeyVersion);
        Change(name.Key, key =>
        {
            var before = (name.Kind == ResourceKind.CryptoKey ? key.Version(key.Primary) : key.Version(name.Id)) ?? throw GoogleRefusal.NotFound(name);
            return key.With(before with
            {
                State = state,
                DestroyTime = state == State.DestroyScheduled ? clock.Now + key.DestroyScheduledDuration : null,
                Destroyed = state == State.Destroyed ? clock.Now : null,
                Sealed = state == State.Destroyed ? null : before.Sealed ?? NewMaterial(key.Name, before.Id),
            });
        });
    }

    /// <summary>The caller wipes it after use.</summary>
    public byte[] Open(StoredKey key, StoredVersion version) =>
        version.Sealed is { } closed && seal.Open(MaterialOf(key.Name, version.Id), closed) is { } material
            ? material
            : throw new InvalidOperationException($"The material of {key.NameOf(version)} does not open under kms.key: the data folder mixes files of two installations.");

    private StoredKey Save(StoredKey key)
    {
        documents.Put(KeyKind, key.Name, JsonSerializer.Serialize(key));
        keys[key.Name] = key;
        return key;
    }

    private bool IsDue(StoredKey key)
    {
        var now = clock.Now;
        return key.NextRotation <= now || key.Versions.Any(v => v.DestroyTime <= now);
    }

    private StoredKey Due(StoredKey key)
    {
        var now = clock.Now;
        key = key with { Versions = [.. key.Versions.Select(v => VersionStates.At(v, now))] };
        if (key.NextRotation is not { } next || next > now)
            return key;
        // However many periods went by while nobody looked, one new version serves them all.
        var rotated = WithNewVersion(key, primary: true);
        var periods = key.RotationPeriod is { } period ? (now - next).Ticks / period.Ticks + 1 : 0;
        return rotated with { NextRotation = key.RotationPeriod is { } p ? next + p * periods : null };
    }

    private StoredKey WithNewVersion(StoredKey key, bool primary)
    {
        var id = key.NextVersionId;
        var version = new StoredVersion(
            id, State.Enabled, key.Protection, key.Algorithm, clock.Now, DestroyTime: null, Destroyed: null, key.IsSymmetric ? NewMaterial(key.Name, id) : null);
        return key with { Versions = [.. key.Versions, version], Primary = primary ? id : key.Primary };
    }

    private byte[] NewMaterial(string keyName, int versionId)
    {
        var material = RandomNumberGenerator.GetBytes(32);
        var closed = seal.Close(MaterialOf(keyName, versionId), material);
        CryptographicOperations.ZeroMemory(material);
        return closed;
    }

    private static string MaterialOf(string keyName, int versionId) => $"google-key-material {keyName}/{versionId}";
}
