using MongoDB.Bson;

namespace Ear.Mongod.Commands;

/// <summary>What is left to hand out of answers that did not fit one batch. Bounded in number; unused ones end after ten minutes, as mongod's.</summary>
internal sealed class Cursors(TimeProvider time)
{
    private const int Max = 1000;
    private const int MaxBatchBytes = 8 << 20;
    private static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(10);
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Entry> _open = [];
    private long _last;

    private sealed record Entry(string Namespace, IEnumerator<BsonDocument> Rest)
    {
        public long LastUse { get; set; }
    }

    public int Open
    {
        get { lock (_gate) return _open.Count; }
    }

    /// <summary>The first batch; the rest stays open under a cursor id unless everything fits or <paramref name="single"/>.</summary>
    public BsonDocument First(string ns, IEnumerable<BsonDocument> documents, int batchSize, bool single)
    {
        var rest = documents.GetEnumerator();
        var (batch, more) = Take(rest, batchSize);
        long id = 0;
        if (more && !single)
        {
            lock (_gate)
            {
                EndIdle();
                if (_open.Count >= Max) throw new CommandException(ErrorCode.InternalError, $"more than {Max} cursors are open");
                id = ++_last;
                _open[id] = new Entry(ns, rest) { LastUse = time.GetTimestamp() };
            }
        }
        else
        {
            rest.Dispose();
        }
        return Reply(ns, id, "firstBatch", batch);
    }

    public BsonDocument Next(long id, int batchSize)
    {
        Entry entry;
        lock (_gate) entry = _open.Remove(id, out var found) ? found : throw new CommandException(ErrorCode.CursorNotFound, $"cursor id {id} not found");
        var (batch, more) = Take(entry.Rest, batchSize);
        if (more)
        {
            entry.LastUse = time.GetTimestamp();
            lock (_gate) _open[id] = entry;
        }
        else
        {
            entry.Rest.Dispose();
        }
        return Reply(entry.Namespace, more ? id : 0, "nextBatch", batch);
    }

    public bool Kill(long id)
    {
        lock (_gate) return _open.Remove(id);
    }

    private void EndIdle()
    {
        foreach (var (id, _) in _open.Where(c => time.GetElapsedTime(c.Value.LastUse) > IdleLimit).ToArray()) _open.Remove(id);
    }

    private static (BsonArray Batch, bool More) Take(IEnumerator<BsonDocument> rest, int batchSize)
    {
        var batch = new BsonArray();
        var bytes = 0;
        while (batch.Count < batchSize && bytes < MaxBatchBytes)
        {
            if (!rest.MoveNext()) return (batch, false);
            batch.Add(rest.Current);
            bytes += rest.Current is RawBsonDocument raw ? raw.Slice.Length : 256;
        }
        return (batch, true);
    }

    private static BsonDocument Reply(string ns, long id, string name, BsonArray batch) => new() { ["cursor"] = new BsonDocument { [name] = batch, ["id"] = id, ["ns"] = ns } };
}
