using MongoDB.Bson;

namespace Ear.Mongod.Query;

/// <summary>Reads and writes "a.b.c" in a document.</summary>
internal static class BsonPath
{
    /// <summary>Every value a path leads to: an array on the way is entered, by number or through its elements.</summary>
    public static IEnumerable<BsonValue> Values(BsonValue from, string path)
    {
        var dot = path.IndexOf('.', StringComparison.Ordinal);
        var (head, rest) = dot < 0 ? (path, null) : (path[..dot], path[(dot + 1)..]);
        IEnumerable<BsonValue> found = from switch
        {
            BsonDocument d when d.TryGetValue(head, out var v) => [v],
            BsonArray a when int.TryParse(head, out var i) && i < a.Count => [a[i]],
            BsonArray a => a.OfType<BsonDocument>().Where(d => d.Contains(head)).Select(d => d[head]),
            _ => [],
        };
        return rest is null ? found : found.SelectMany(v => Values(v, rest));
    }

    /// <summary>A copy that can be changed, also of a document that is read straight from its bytes.</summary>
    public static BsonDocument Copy(BsonDocument document) => document is RawBsonDocument raw ? raw.Materialize(new()) : document.DeepClone().AsBsonDocument;

    public static BsonValue First(BsonDocument from, string path) => Values(from, path).FirstOrDefault() ?? BsonNull.Value;

    public static void Set(BsonDocument document, string path, BsonValue value) => Parent(document, path, create: true, out var last)![last] = value;

    public static void Remove(BsonDocument document, string path) => Parent(document, path, create: false, out var last)?.Remove(last);

    private static BsonDocument? Parent(BsonDocument document, string path, bool create, out string last)
    {
        var parts = path.Split('.');
        last = parts[^1];
        foreach (var part in parts.SkipLast(1))
        {
            if (document.TryGetValue(part, out var next) && next is BsonDocument child)
            {
                document = child;
                continue;
            }
            if (!create) return null;
            if (next is not null) throw new Commands.CommandException(Commands.ErrorCode.BadValue, $"Cannot create field in element '{part}'");
            document[part] = child = [];
            document = child;
        }
        return document;
    }
}
