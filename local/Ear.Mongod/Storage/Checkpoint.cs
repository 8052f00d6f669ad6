using Ear.Mongod.Encryption;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;

namespace Ear.Mongod.Storage;

/// <summary>
/// The whole data at one place of the history: a file of pages per database under that database's key, and the file <c>checkpoint</c> that names them.
/// New page files get a new generation; the old ones are removed only when the new <c>checkpoint</c> is in place.
/// </summary>
internal sealed class Checkpoint(string dbPath, Func<string, IRecordCipher> cipherOf)
{
    private const int PageSize = 64 << 10;
    private readonly string _folder = Path.Combine(dbPath, "data");
    private Dictionary<string, (string File, long Version)> _written = new(StringComparer.Ordinal);
    private int _generation;

    public OpTime At { get; private set; }

    private string ManifestPath => Path.Combine(dbPath, "checkpoint");

    /// <summary>One database as it was at the checkpoint's place in the history.</summary>
    public sealed record DatabaseImage(string Name, long Version, IReadOnlyList<(BsonDocument Header, byte[][] Documents)> Collections);

    /// <summary>Cheap: takes references only. Called under the storage lock.</summary>
    public static IReadOnlyList<DatabaseImage> Capture(Catalog catalog) =>
        [.. catalog.Databases.Select(d => new DatabaseImage(d, catalog.Version(d), [.. catalog.In(d).Select(c => (Header(c), c.Snapshot()))]))];

    public void Write(OpTime at, IReadOnlyList<DatabaseImage> databases)
    {
        Directory.CreateDirectory(_folder);
        _generation++;
        var written = new Dictionary<string, (string File, long Version)>(StringComparer.Ordinal);
        foreach (var database in databases)
        {
            written[database.Name] = _written.TryGetValue(database.Name, out var known) && known.Version == database.Version
                ? known
                : (WritePages(database), database.Version);
        }
        AtomicFile.FlushDirectory(_folder);
        var manifest = new BsonDocument
        {
            ["generation"] = _generation,
            ["at"] = at.ToBson(),
            ["databases"] = new BsonArray(written.Select(w => new BsonDocument { ["name"] = w.Key, ["file"] = w.Value.File })),
        };
        AtomicFile.Write(ManifestPath, cipherOf(Keystore.DefaultKey).Seal(manifest.ToBson(), Place));
        _written = written;
        At = at;
        RemoveAllBut(written.Values.Select(w => w.File));
    }

    public void Load(Catalog catalog)
    {
        if (!File.Exists(ManifestPath)) return;
        var manifest = BsonSerializer.Deserialize<BsonDocument>(cipherOf(Keystore.DefaultKey).Open(File.ReadAllBytes(ManifestPath), Place));
        _generation = manifest["generation"].AsInt32;
        At = OpTime.From(manifest["at"]);
        foreach (var database in manifest["databases"].AsBsonArray)
        {
            var (name, file) = (database["name"].AsString, database["file"].AsString);
            LoadPages(catalog, name, file);
            _written[name] = (file, catalog.Version(name));
        }
        RemoveAllBut(_written.Values.Select(w => w.File));
    }

    /// <summary>Forgets everything: the node is about to copy the data anew. First the name, then what it names.</summary>
    public void Clear()
    {
        File.Delete(ManifestPath);
        AtomicFile.FlushDirectory(dbPath);
        _written.Clear();
        At = OpTime.None;
        RemoveAllBut([]);
    }

    private static ReadOnlySpan<byte> Place => "checkpoint"u8;

    private static BsonDocument Header(Collection c) => new()
    {
        ["ns"] = c.Namespace,
        ["options"] = c.Options,
        ["indexes"] = new BsonArray(c.Indexes.Values),
        ["count"] = c.Count,
    };

    private string WritePages(DatabaseImage database)
    {
        var name = $"{Uri.EscapeDataString(database.Name)}.{_generation:D8}";
        using var file = RecordFile.Create(Path.Combine(_folder, name), cipherOf(database.Name));
        var page = new MemoryStream(PageSize);
        foreach (var bytes in database.Collections.SelectMany(c => c.Documents.Prepend(c.Header.ToBson())))
        {
            page.Write(bytes);
            if (page.Length >= PageSize) Flush();
        }
        if (page.Length > 0) Flush();
        file.Flush();
        return name;

        void Flush()
        {
            file.Append(page.GetBuffer().AsSpan(0, (int)page.Length));
            page.SetLength(0);
        }
    }

    private void LoadPages(Catalog catalog, string database, string name)
    {
        Collection? collection = null;
        var left = 0;
        foreach (var bytes in RecordFile.ReadAll(Path.Combine(_folder, name), cipherOf(database), tornTailAllowed: false).Records.SelectMany(Documents))
        {
            if (left > 0)
            {
                using var raw = new RawBsonDocument(bytes);
                collection!.Put(raw["_id"] is RawBsonDocument d ? d.Materialize(new()) : raw["_id"], bytes);
                left--;
                continue;
            }
            var header = BsonSerializer.Deserialize<BsonDocument>(bytes);
            collection = catalog.Create(header["ns"].AsString, header["options"].AsBsonDocument);
            foreach (var index in header["indexes"].AsBsonArray) collection.Indexes[index["name"].AsString] = index.AsBsonDocument;
            left = header["count"].AsInt32;
        }
    }

    private static IEnumerable<byte[]> Documents(byte[] page)
    {
        for (var at = 0; at < page.Length;)
        {
            var length = BitConverter.ToInt32(page, at);
            yield return page[at..(at + length)];
            at += length;
        }
    }

    private void RemoveAllBut(IEnumerable<string> names)
    {
        if (!Directory.Exists(_folder)) return;
        var kept = names.ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.GetFiles(_folder).Where(p => !kept.Contains(Path.GetFileName(p)))) File.Delete(path);
    }
}
