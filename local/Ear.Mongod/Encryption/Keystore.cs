using System.Security.Cryptography;
using System.Text;
using Ear.Mongod.Options;
using Ear.Mongod.Storage;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;

namespace Ear.Mongod.Encryption;

/// <summary>
/// The keys of one dbPath: <c>key.store/&lt;masterKeyId&gt;</c>, one sealed record under the node master key that holds a 32-byte key for each
/// database and <c>/default</c> for metadata and oplog. Keys of dropped databases stay: old journal files may need them.
/// </summary>
internal sealed class Keystore : IDisposable
{
    public const string DefaultKey = "/default";
    private readonly Lock _gate = new();
    private readonly Dictionary<string, GcmRecords> _ciphers = [];
    private readonly Dictionary<string, byte[]> _keys;
    private readonly string _path;
    private readonly byte[] _masterKey;
    private readonly Nonces _nonces;

    private Keystore(string path, byte[] masterKey, Nonces nonces, Dictionary<string, byte[]> keys) =>
        (_path, _masterKey, _nonces, _keys) = (path, masterKey, nonces, keys);

    public static string PathOf(string dbPath, string masterKeyId) => Path.Combine(dbPath, "key.store", Uri.EscapeDataString(masterKeyId));

    public static Keystore Create(string dbPath, string masterKeyId, byte[] masterKey, Nonces nonces)
    {
        Directory.CreateDirectory(Path.Combine(dbPath, "key.store"));
        var keystore = new Keystore(PathOf(dbPath, masterKeyId), masterKey, nonces, []);
        keystore.For(DefaultKey);
        return keystore;
    }

    public static Keystore Open(string dbPath, string masterKeyId, byte[] masterKey, Nonces nonces)
    {
        var path = PathOf(dbPath, masterKeyId);
        if (!File.Exists(path)) throw Unreadable($"The keystore {path} does not exist");
        using var master = new GcmRecords(masterKey, new RandomNonces());
        try
        {
            var document = BsonSerializer.Deserialize<BsonDocument>(master.Open(File.ReadAllBytes(path), Place));
            return new Keystore(path, masterKey, nonces, document.ToDictionary(e => e.Name, e => e.Value.AsByteArray));
        }
        catch (CryptographicException e)
        {
            throw Unreadable($"Unable to open the keystore {path}: it is not encrypted under the master key '{masterKeyId}' that was given", e);
        }
    }

    /// <summary>The cipher of one database; its key is made, and durable, before the first use.</summary>
    public IRecordCipher For(string name)
    {
        lock (_gate)
        {
            if (_ciphers.TryGetValue(name, out var known)) return known;
            if (!_keys.TryGetValue(name, out var key))
            {
                _keys[name] = key = RandomNumberGenerator.GetBytes(32);
                Save(_path, _masterKey);
            }
            return _ciphers[name] = new GcmRecords(key, _nonces);
        }
    }

    /// <summary>Writes the same keys under another master key. The old file stays until the caller has switched over.</summary>
    public void SaveUnder(string dbPath, string masterKeyId, byte[] masterKey)
    {
        lock (_gate) Save(PathOf(dbPath, masterKeyId), masterKey);
    }

    private static ReadOnlySpan<byte> Place => "keystore"u8;

    private void Save(string path, byte[] masterKey)
    {
        using var master = new GcmRecords(masterKey, new RandomNonces());
        var plain = new BsonDocument(_keys.Select(k => new BsonElement(k.Key, new BsonBinaryData(k.Value)))).ToBson();
        AtomicFile.Write(path, master.Seal(plain, Place));
        CryptographicOperations.ZeroMemory(plain);
    }

    private static StartupException Unreadable(string what, Exception? inner = null) =>
        new(ExitCode.PerconaDataAtRestEncryptionError, $"Data-at-Rest Encryption Error: {what}", inner);

    public void Dispose()
    {
        foreach (var cipher in _ciphers.Values) cipher.Dispose();
        foreach (var key in _keys.Values) CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(_masterKey);
    }
}
