using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Ear.Local.Kms.Control;
using Ear.Local.Kms.Data;

namespace Ear.Local.Kms.Azure.Vault;

/// <summary>
/// All keys of the vault: in memory for reading, on the disk before a change is seen, private halves sealed in both places. Everything that the REST
/// API can do to a key is here, for tests and the control API too; what the service would refuse is refused with <see cref="AzureRefusal"/>.
/// </summary>
internal sealed class VaultKeys
{
    /// <summary>For how long a deleted key can be recovered.</summary>
    public const int RecoverableDays = 90;

    private const string Kind = "azure-key";

    private readonly Lock writing = new();
    private readonly KmsDocuments documents;
    private readonly Seal seal;
    private readonly ServiceClock clock;
    private readonly ConcurrentDictionary<string, VaultKey> byName;

    public VaultKeys(KmsDocuments documents, Seal seal, ServiceClock clock)
    {
        this.documents = documents;
        this.seal = seal;
        this.clock = clock;
        // Names are not case-sensitive; a key answers by the name that it was made with.
        byName = new(documents.All(Kind).Select(body => JsonSerializer.Deserialize<VaultKey>(body)!).ToDictionary(k => k.Name), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>How long a deletion or recovery takes after it was answered. The real service needs seconds; here none unless asked for.</summary>
    public TimeSpan Settling { get; set; }

    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeSeconds(clock.Now.ToUnixTimeSeconds());

    public IReadOnlyList<VaultKey> In(KeyPhase phase) =>
        [.. byName.Values.Where(k => k.PhaseAt(clock.Now) == phase).OrderBy(k => k.Name, StringComparer.Ordinal)];

    /// <summary>A key that can be used.</summary>
    public VaultKey Get(string name) => PhaseOf(name) switch
    {
        (KeyPhase.Active, { } key) => key,
        (KeyPhase.BeingDeleted, { }) => throw AzureRefusal.Conflict("ObjectIsBeingDeleted", $"Key {name} is currently being deleted."),
        _ => throw AzureRefusal.KeyNotFound(name),
    };

    public VaultKey GetDeleted(string name) => PhaseOf(name) is (KeyPhase.Deleted, { } key) ? key : throw AzureRefusal.DeletedKeyNotFound(name);

    /// <summary>A key, or a further version of it.</summary>
    public VaultKey Create(string name, string kty = "RSA", int? size = null, string? curve = null, KeyChange? attributes = null)
    {
        // Slow, and so outside of the lock; checked first, so that a refusal is not slow.
        MustBeFree(PhaseOf(name).Phase, name);
        return Add(name, KeyMaterial.Generate(kty, size, curve), attributes ?? new KeyChange(), Now);
    }

    public VaultKey Import(string name, KeyMaterial material, KeyChange attributes) => Add(name, material, attributes, Now);

    /// <param name="version">null: the current one.</param>
    public VaultKey Update(string name, string? version, KeyChange change)
    {
        lock (writing)
        {
            var key = Get(name);
            var changed = key.Version(version).With(change, Now);
            return Save(key with { Versions = [.. key.Versions.Select(v => v.Id == changed.Id ? changed : v)] });
        }
    }

    public VaultKey Delete(string name)
    {
        var now = Now;
        lock (writing)
            return Save(Get(name) with { DeletedOn = now, PurgeOn = now.AddDays(RecoverableDays), SettledOn = clock.Now + Settling });
    }

    public VaultKey Recover(string name)
    {
        lock (writing)
            return Save(GetDeleted(name) with { DeletedOn = null, PurgeOn = null, SettledOn = clock.Now + Settling });
    }

    public void Purge(string name)
    {
        lock (writing)
            Forget(GetDeleted(name));
    }

    /// <summary>A further version of the same kind, with what the rotation policy says of its expiry.</summary>
    public VaultKey Rotate(string name)
    {
        var key = Get(name);
        var (material, now) = (KeyMaterial.Like(key.Current), Now);
        var expires = key.Rotation?.ExpiryTime is { } period ? now + Periods.Parse(period) : (DateTimeOffset?)null;
        return Add(name, material, new KeyChange { Operations = key.Current.Operations, Tags = key.Current.Tags, Expires = expires }, now);
    }

    public VaultKey SetRotation(string name, string? expiryTime, IReadOnlyList<RotationAction> actions)
    {
        lock (writing)
        {
            var (key, now) = (Get(name), Now);
            return Save(key with { Rotation = new RotationPolicy(expiryTime, actions, key.Rotation?.Created ?? now, now) });
        }
    }

    /// <summary>PKCS#8; the caller wipes it after use.</summary>
    public byte[] Open(KeyVersion version) =>
        seal.Open(Purpose(version.Id), version.Sealed)
        ?? throw new InvalidOperationException($"Key version {version.Id} does not open under kms.key: the data folder mixes files of two installations.");

    private (KeyPhase Phase, VaultKey? Key) PhaseOf(string name) =>
        byName.TryGetValue(name, out var key) ? (key.PhaseAt(clock.Now), key) : (KeyPhase.Purged, null);

    private static void MustBeFree(KeyPhase phase, string name)
    {
        if (phase == KeyPhase.Deleted)
            throw AzureRefusal.Conflict("ObjectIsDeletedButRecoverable", $"Key {name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the key can only be recovered or purged.");
        if (phase == KeyPhase.BeingDeleted)
            throw AzureRefusal.Conflict("ObjectIsBeingDeleted", $"Key {name} is currently being deleted and cannot be re-created; retry later.");
        if (phase == KeyPhase.BeingRecovered)
            throw AzureRefusal.Conflict("ObjectIsBeingRecovered", $"Key {name} is currently being recovered and cannot be re-created; retry later.");
    }

    private VaultKey Add(string name, KeyMaterial material, KeyChange attributes, DateTimeOffset now)
    {
        var id = AzureNames.NewVersion();
        var version = new KeyVersion(id, material.Kty, material.Public, seal.Close(Purpose(id), material.Private), now)
        {
            Updated = now,
            Operations = KeyOperationNames.Default(material.Kty),
        }.With(attributes, now);
        CryptographicOperations.ZeroMemory(material.Private);
        lock (writing)
        {
            var (phase, key) = PhaseOf(name);
            MustBeFree(phase, name);
            if (phase == KeyPhase.Purged && key is not null)
                Forget(key);
            return Save(phase == KeyPhase.Active ? key! with { Versions = [.. key.Versions, version] } : new VaultKey(name, [version]));
        }
    }

    private VaultKey Save(VaultKey key)
    {
        documents.Put(Kind, key.Name, JsonSerializer.Serialize(key));
        byName[key.Name] = key;
        return key;
    }

    private void Forget(VaultKey key)
    {
        documents.Delete(Kind, key.Name);
        byName.TryRemove(key.Name, out _);
    }

    private static string Purpose(string version) => $"azure-key-material {version}";
}
