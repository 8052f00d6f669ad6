using MongoDB.Bson;

namespace Ear.Mongod.Storage;

/// <summary>All databases of a node in memory: what the oplog, applied in order, leads to.</summary>
internal sealed class Catalog
{
    private readonly SortedDictionary<string, Collection> _collections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _changes = new(StringComparer.Ordinal);

    public IEnumerable<string> Databases => _collections.Keys.Select(DatabaseOf).Distinct();

    public long DataSize => _collections.Values.Sum(c => c.DataSize);

    public static string DatabaseOf(string ns) => ns[..ns.IndexOf('.', StringComparison.Ordinal)];

    public Collection? Find(string ns) => _collections.GetValueOrDefault(ns);

    public IEnumerable<Collection> In(string database) => _collections.Values.Where(c => DatabaseOf(c.Namespace) == database);

    /// <summary>Grows with each write to the database: equal numbers, equal contents.</summary>
    public long Version(string database) => _changes.GetValueOrDefault(database);

    public Collection Create(string ns, BsonDocument options)
    {
        Changed(DatabaseOf(ns));
        return _collections.TryGetValue(ns, out var known) ? known : _collections[ns] = new Collection(ns, options);
    }

    public void Apply(OplogEntry entry)
    {
        using var raw = new RawBsonDocument(entry.Raw);
        var (op, ns) = (raw["op"].AsString, raw["ns"].AsString);
        switch (op)
        {
            case "i" or "u":
                var document = (RawBsonDocument)raw["o"];
                var collection = Create(ns, []);
                collection.Put(Owned(document["_id"]), Bytes(document));
                break;
            case "d":
                Changed(DatabaseOf(ns));
                Find(ns)?.Remove(Owned(((RawBsonDocument)raw["o2"])["_id"]));
                break;
            case "c":
                Run(DatabaseOf(ns), ((RawBsonDocument)raw["o"]).Materialize(new()));
                break;
            case "n":
                break;
            default:
                throw new InvalidDataException($"The oplog holds an operation of unknown kind '{op}'");
        }
    }

    private void Run(string database, BsonDocument command)
    {
        Changed(database);
        var first = command.GetElement(0);
        var ns = $"{database}.{first.Value}";
        switch (first.Name)
        {
            case "create":
                Create(ns, command["options"].AsBsonDocument);
                break;
            case "createIndexes":
                var created = Create(ns, []);
                foreach (var index in command["indexes"].AsBsonArray) created.Indexes[index["name"].AsString] = index.AsBsonDocument;
                break;
            case "dropIndexes":
                Find(ns)?.Indexes.Remove(command["index"].AsString);
                break;
            case "drop":
                _collections.Remove(ns);
                break;
            case "dropDatabase":
                foreach (var collection in In(database).ToArray()) _collections.Remove(collection.Namespace);
                break;
            default:
                throw new InvalidDataException($"The oplog holds an unknown command '{first.Name}'");
        }
    }

    private void Changed(string database) => _changes[database] = Version(database) + 1;

    private static byte[] Bytes(RawBsonDocument document)
    {
        var bytes = new byte[document.Slice.Length];
        document.Slice.GetBytes(0, bytes, 0, bytes.Length);
        return bytes;
    }

    /// <summary>A value that lives on when the raw document around it is gone.</summary>
    private static BsonValue Owned(BsonValue value) => value switch
    {
        RawBsonDocument d => d.Materialize(new()),
        RawBsonArray a => a.Materialize(new()),
        _ => value,
    };
}
