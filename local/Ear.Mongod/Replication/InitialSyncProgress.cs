using Ear.Mongod.Storage;
using MongoDB.Bson;

namespace Ear.Mongod.Replication;

/// <summary>How far an initial sync is, in the fields of mongod's <c>initialSyncStatus</c>. Written by the sync alone, read by anybody.</summary>
internal sealed class InitialSyncProgress(TimeProvider time, string source)
{
    private readonly Lock _gate = new();
    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly SortedDictionary<string, (long ToCopy, long Copied, bool Done)> _collections = new(StringComparer.Ordinal);
    private long _size;
    private long _copied;

    public long AppliedOps { get; set; }

    public void Plan(BsonDocument start)
    {
        lock (_gate)
        {
            _size = start["dataSize"].ToInt64();
            foreach (var c in start["collections"].AsBsonArray) _collections[c["ns"].AsString] = (c["count"].ToInt64(), 0, false);
        }
    }

    public void Copied(string ns, int bytes)
    {
        lock (_gate)
        {
            _copied += bytes;
            _collections[ns] = _collections[ns] with { Copied = _collections[ns].Copied + 1 };
        }
    }

    public void Cloned(string ns)
    {
        lock (_gate) _collections[ns] = _collections[ns] with { Done = true };
    }

    public BsonDocument ToBson(int failedAttempts)
    {
        lock (_gate)
        {
            var byDatabase = _collections.GroupBy(c => Catalog.DatabaseOf(c.Key)).ToArray();
            var databases = new BsonDocument
            {
                ["databasesToClone"] = byDatabase.Count(d => d.Any(c => !c.Value.Done)),
                ["databasesCloned"] = byDatabase.Count(d => d.All(c => c.Value.Done)),
            };
            foreach (var database in byDatabase)
            {
                var collections = new BsonDocument { ["collections"] = database.Count(), ["clonedCollections"] = database.Count(c => c.Value.Done) };
                foreach (var (ns, c) in database) collections[ns] = new BsonDocument { ["documentsToCopy"] = c.ToCopy, ["documentsCopied"] = c.Copied };
                databases[database.Key] = collections;
            }
            var elapsed = (long)(time.GetUtcNow() - _start).TotalMilliseconds;
            return new BsonDocument
            {
                ["method"] = "logical",
                ["failedInitialSyncAttempts"] = failedAttempts,
                ["initialSyncStart"] = new BsonDateTime(_start.UtcDateTime),
                ["totalInitialSyncElapsedMillis"] = elapsed,
                ["remainingInitialSyncEstimatedMillis"] = _copied == 0 ? 0 : elapsed * Math.Max(0, _size - _copied) / _copied,
                ["approxTotalDataSize"] = _size,
                ["approxTotalBytesCopied"] = _copied,
                ["appliedOps"] = AppliedOps,
                ["syncSourceHost"] = source,
                ["databases"] = databases,
            };
        }
    }
}
