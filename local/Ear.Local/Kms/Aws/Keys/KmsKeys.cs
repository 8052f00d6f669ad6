using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Ear.Local.Kms.Control;
using Ear.Local.Kms.Data;

namespace Ear.Local.Kms.Aws.Keys;

/// <summary>All keys: in memory for reading, on the disk before a change is seen. Material is sealed in both places.</summary>
internal sealed class KmsKeys
{
    private const string Kind = "aws-key";

    private readonly Lock writing = new();
    private readonly KmsDocuments documents;
    private readonly Seal seal;
    private readonly ServiceClock clock;
    private readonly ConcurrentDictionary<string, KmsKey> byId;

    public KmsKeys(KmsDocuments documents, Seal seal, ServiceClock clock)
    {
        this.documents = documents;
        this.seal = seal;
        this.clock = clock;
        byId = new(documents.All(Kind).Select(body => JsonSerializer.Deserialize<KmsKey>(body)!).ToDictionary(k => k.Id));
    }

    public IReadOnlyList<KmsKey> In(string region) =>
        [.. byId.Keys.Select(Find).OfType<KmsKey>().Where(k => k.Region == region).OrderBy(k => k.Id, StringComparer.Ordinal)];

    /// <summary>As of now: what was to happen by itself meanwhile has happened.</summary>
    /// <returns>null also when its deletion date has passed: the material is then gone for good.</returns>
    public KmsKey? Find(string id)
    {
        if (!byId.TryGetValue(id, out var key))
            return null;
        if (key.DeletionDate is { } date && date <= clock.Now)
        {
            Delete(id);
            return null;
        }
        return IsDue(key) ? Change(id, Rotated) : key;
    }

    /// <summary>A key with new material in front; the old one goes on decrypting what it encrypted.</summary>
    public KmsKey Rotate(KmsKey key, string type)
    {
        var material = NewMaterial(key.Id);
        return key with { Materials = [.. key.Materials, material], Rotations = [.. key.Rotations, new KeyRotationDone(clock.Now, type, material.Id)] };
    }

    /// <summary>Disabled keys are not rotated; it is made up for when they are enabled again.</summary>
    private bool IsDue(KmsKey key) => key is { State: KeyState.Enabled, Rotation: { } plan } && plan.Next <= clock.Now;

    private KmsKey Rotated(KmsKey key)
    {
        if (!IsDue(key))
            return key;
        var plan = key.Rotation!;
        return Rotate(key, "AUTOMATIC") with { Rotation = plan with { Next = clock.Now.AddDays(plan.PeriodInDays) } };
    }

    public KmsKey Create(string region, string spec, string usage, string origin, string description, bool multiRegion)
    {
        var id = multiRegion ? $"{KmsKey.MultiRegionPrefix}{AwsNames.NewGuid():n}" : AwsNames.NewGuid().ToString();
        var external = origin == "EXTERNAL";
        var key = new KmsKey(
            id, region, external ? KeyState.PendingImport : KeyState.Enabled, spec, usage, origin, description, clock.Now, DeletionDate: null,
            external ? [] : [NewMaterial(id)]);
        lock (writing)
            Save(key);
        return key;
    }

    /// <summary>One change at a time; <paramref name="change"/> sees the key as it is now and may refuse by throwing.</summary>
    public KmsKey Change(string id, Func<KmsKey, KmsKey> change)
    {
        lock (writing)
        {
            var changed = change(byId.TryGetValue(id, out var key) ? key : throw KeyNames.DoesNotExist(id));
            Save(changed);
            return changed;
        }
    }

    /// <summary>The caller wipes it after use.</summary>
    public byte[] Open(KmsKey key, KeyMaterial material) =>
        seal.Open(Purpose(key.Id, material.Id), material.Sealed)
        ?? throw new InvalidOperationException($"The material of key {key.Id} does not open under kms.key: the data folder mixes files of two installations.");

    private void Save(KmsKey key)
    {
        documents.Put(Kind, key.Id, JsonSerializer.Serialize(key));
        byId[key.Id] = key;
    }

    private void Delete(string id)
    {
        lock (writing)
        {
            documents.Delete(Kind, id);
            byId.TryRemove(id, out _);
        }
    }

    private KeyMaterial NewMaterial(string keyId)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var material = RandomNumberGenerator.GetBytes(32);
        var closed = seal.Close(Purpose(keyId, id), material);
        CryptographicOperations.ZeroMemory(material);
        return new KeyMaterial(id, closed);
    }

    private static string Purpose(string keyId, string materialId) => $"aws-key-material {keyId} {materialId}";
}
