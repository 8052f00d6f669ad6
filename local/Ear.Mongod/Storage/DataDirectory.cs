using System.Globalization;
using System.Text;
using Ear.Mongod.Options;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;

namespace Ear.Mongod.Storage;

/// <summary>The dbPath: who holds it (mongod.lock), and what it is (storage.bson, in clear: encrypted or not, and under which master key).</summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream @lock) => (Path, _lock) = (path, @lock);

    public string Path { get; }

    public StorageMetadata? Metadata { get; private set; }

    public static DataDirectory Open(string path)
    {
        if (!Directory.Exists(path))
            throw new StartupException(ExitCode.Uncaught, $"NonExistentPath: Data directory {path} not found. Create the missing directory or specify another path using (1) the --dbpath command line option, or (2) by adding the 'storage.dbPath' option in the configuration file.");
        FileStream held;
        try
        {
            held = new FileStream(System.IO.Path.Combine(path, "mongod.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new StartupException(ExitCode.Uncaught, $"DBPathInUse: Unable to lock the lock file: {path}/mongod.lock (Resource temporarily unavailable). Another mongod instance is already running on the {path} directory", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StartupException(ExitCode.Uncaught, $"IllegalOperation: Attempted to create a lock file on a read-only directory: {path}", e);
        }
        held.SetLength(0);
        held.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"));
        held.Flush();
        var directory = new DataDirectory(path, held);
        var metadata = directory.MetadataPath;
        if (File.Exists(metadata)) directory.Metadata = StorageMetadata.From(BsonSerializer.Deserialize<BsonDocument>(File.ReadAllBytes(metadata)));
        return directory;
    }

    public void Save(StorageMetadata metadata)
    {
        AtomicFile.Write(MetadataPath, metadata.ToBson().ToBson());
        Metadata = metadata;
    }

    private string MetadataPath => System.IO.Path.Combine(Path, "storage.bson");

    /// <summary>A clean end leaves an empty lock file, as mongod does.</summary>
    public void Dispose()
    {
        _lock.SetLength(0);
        _lock.Dispose();
    }
}

/// <param name="MasterKeyId">Where to find the master key again: a KMIP id, or "local" for a key file. Not a secret.</param>
internal sealed record StorageMetadata(bool Encrypted, string? MasterKeyId)
{
    public const string LocalKey = "local";

    public BsonDocument ToBson() => new()
    {
        ["format"] = 1,
        ["engine"] = "ear-stand-in",
        ["encrypted"] = Encrypted,
        ["cipherMode"] = Encrypted ? "AES256-GCM" : BsonNull.Value,
        ["masterKeyId"] = MasterKeyId is null ? BsonNull.Value : MasterKeyId,
    };

    public static StorageMetadata From(BsonDocument d) => d.GetValue("format", 0) == 1
        ? new(d["encrypted"].AsBoolean, d["masterKeyId"].IsBsonNull ? null : d["masterKeyId"].AsString)
        : throw new StartupException(ExitCode.NeedDowngrade, $"The data files have format {d.GetValue("format", "unknown")}, which this version does not read");
}
