using MongoDB.Bson;

namespace Ear.Mongod.Storage;

/// <summary>One replicated write. Each is idempotent: updates carry the whole document, so a clone and the oplog may overlap.</summary>
internal sealed class OplogEntry
{
    private OplogEntry(OpTime at, byte[] raw) => (At, Raw) = (at, raw);

    public OpTime At { get; }

    /// <summary>The entry as BSON, in the fields of mongod's <c>local.oplog.rs</c>.</summary>
    public byte[] Raw { get; }

    public static OplogEntry FromRaw(byte[] raw)
    {
        using var document = new RawBsonDocument(raw);
        return new OplogEntry(new OpTime(document["t"].ToInt64(), document["ts"].AsBsonTimestamp.Value), raw);
    }

    /// <summary>The entries of a run of BSON documents one after the other.</summary>
    public static IEnumerable<OplogEntry> FromRun(byte[] run)
    {
        for (var at = 0; at < run.Length;)
        {
            var length = BitConverter.ToInt32(run, at);
            yield return FromRaw(run[at..(at + length)]);
            at += length;
        }
    }

    public static byte[] ToRun(IReadOnlyCollection<OplogEntry> entries)
    {
        var run = new byte[entries.Sum(e => e.Raw.Length)];
        var at = 0;
        foreach (var entry in entries)
        {
            entry.Raw.CopyTo(run, at);
            at += entry.Raw.Length;
        }
        return run;
    }

    public static OplogEntry Create(OpTime at, DateTimeOffset wall, OplogWrite write)
    {
        var document = new BsonDocument
        {
            ["op"] = write.Op,
            ["ns"] = write.Namespace,
            ["o"] = write.Object,
        };
        if (write.Key is not null) document["o2"] = new BsonDocument("_id", write.Key);
        document["ts"] = new BsonTimestamp(at.Ts);
        document["t"] = at.Term;
        document["v"] = 2;
        document["wall"] = new BsonDateTime(wall.UtcDateTime);
        return new OplogEntry(at, document.ToBson());
    }
}

/// <summary>A write before it has its place in the history.</summary>
/// <param name="Op">"i" insert, "u" replace by <paramref name="Object"/>, "d" delete, "c" command, "n" nothing.</param>
internal sealed record OplogWrite(string Op, string Namespace, BsonDocument Object, BsonValue? Key = null)
{
    public static OplogWrite Noop(string message) => new("n", "", new BsonDocument("msg", message));

    public static OplogWrite Command(string database, BsonDocument command) => new("c", $"{database}.$cmd", command);
}
