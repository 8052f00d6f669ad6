using Ear.Mongod.Logging;
using Ear.Mongod.Storage;
using Ear.Mongod.Wire;
using MongoDB.Bson;

namespace Ear.Mongod.Replication;

/// <summary>
/// Logical initial sync: note a place in the primary's history, copy every collection, then apply the history from that place until the copy is whole.
/// If we die in it, it starts over. A change of primary in it starts it over too: the copy may hold writes that the next primary never had.
/// </summary>
internal sealed class InitialSync(ReplicaSet set, ServerLog log)
{
    public InitialSyncProgress? Progress { get; private set; }

    public int FailedAttempts { get; private set; }

    public async Task RunAsync(PeerClient source, CancellationToken ct)
    {
        Progress = new InitialSyncProgress(set.Time, source.Host);
        log.Info("REPL", 21164, "Starting initial sync", ("syncSource", source.Host));
        try
        {
            await set.Engine.ClearAsync(ct);
            var start = await OplogPuller.AskAsync(source, new BsonDocument(OplogSource.SyncStart, set.Name), set.Time, ct);
            var (term, history) = (start["term"].AsInt64, new List<OplogEntry> { OplogEntry.FromRaw(start["last"].AsByteArray) });
            Progress.Plan(start);
            var catalog = new Catalog();
            foreach (var collection in start["collections"].AsBsonArray) await CloneAsync(source, catalog, collection.AsBsonDocument, ct);
            await CatchUpAsync(source, catalog, history, term, ct);
            await set.Engine.InstallAsync(catalog, history, ct);
            lock (set.Engine.Gate) set.FinishInitialSync();
            Progress = null;
        }
        catch (IOException)
        {
            FailedAttempts++;
            throw;
        }
    }

    private async Task CloneAsync(PeerClient source, Catalog catalog, BsonDocument description, CancellationToken ct)
    {
        var ns = description["ns"].AsString;
        var (database, name) = (Catalog.DatabaseOf(ns), ns[(ns.IndexOf('.', StringComparison.Ordinal) + 1)..]);
        var collection = catalog.Create(ns, description["options"].AsBsonDocument);
        foreach (var index in description["indexes"].AsBsonArray) collection.Indexes[index["name"].AsString] = index.AsBsonDocument;
        var command = new BsonDocument { ["find"] = name, ["batchSize"] = 2000 };
        while (true)
        {
            var reply = await source.SendAsync(database, command, TimeSpan.FromSeconds(60), set.Time, ct);
            if (!reply["ok"].ToBoolean()) throw new IOException(reply.GetValue("errmsg", "refused").AsString);
            var cursor = reply["cursor"].AsBsonDocument;
            var batch = (cursor.Contains("firstBatch") ? cursor["firstBatch"] : cursor["nextBatch"]).AsBsonArray;
            foreach (var document in batch)
            {
                var bytes = document.ToBson();
                collection.Put(document["_id"], bytes);
                Progress!.Copied(ns, bytes.Length);
            }
            if (cursor["id"].ToInt64() == 0) break;
            command = new BsonDocument { ["getMore"] = cursor["id"], ["collection"] = name, ["batchSize"] = 2000 };
        }
        Progress!.Cloned(ns);
    }

    /// <summary>Until everything the copy can have seen is in the history too.</summary>
    private async Task CatchUpAsync(PeerClient source, Catalog catalog, List<OplogEntry> history, long term, CancellationToken ct)
    {
        OpTime? goal = null;
        while (goal is null || history[^1].At < goal)
        {
            BsonDocument request;
            lock (set.Engine.Gate) request = OplogPuller.Request(set, history[^1].At, durable: null);
            var reply = await OplogPuller.AskAsync(source, request, set.Time, ct);
            lock (set.Engine.Gate)
            {
                set.ObserveTerm(reply["term"].AsInt64);
                if (reply["term"].AsInt64 != term || set.State.Term != term) throw new IOException("the primary changed during the initial sync");
                set.ElectionDeadline = set.Now + set.Ticks(set.ElectionTimeout + set.Jitter());
            }
            if (reply.Contains("gone")) throw new IOException("the primary's oplog no longer reaches back to the start of the initial sync");
            goal ??= OpTime.From(reply["lastApplied"]);
            foreach (var entry in OplogEntry.FromRun(reply["entries"].AsByteArray))
            {
                catalog.Apply(entry);
                history.Add(entry);
                Progress!.AppliedOps++;
            }
        }
    }
}
