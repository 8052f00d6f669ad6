using Ear.Mongod.Query;
using Ear.Mongod.Storage;
using MongoDB.Bson;

namespace Ear.Mongod.Commands;

/// <summary>find, getMore, killCursors, count, aggregate, distinct.</summary>
internal sealed class ReadCommands(Node node, Cursors cursors)
{
    private const string OplogNamespace = "local.oplog.rs";
    private const int DefaultBatch = 101;

    public void AddTo(CommandDispatcher commands)
    {
        commands.Add("find", FindAsync);
        commands.Add("getMore", r => cursors.Next(r.Body["getMore"].ToInt64(), r.Int("batchSize", int.MaxValue)));
        commands.Add("killCursors", KillCursors);
        commands.Add("count", CountAsync);
        commands.Add("aggregate", AggregateAsync);
        commands.Add("distinct", DistinctAsync);
    }

    private async Task<BsonDocument> FindAsync(CommandRequest request, CancellationToken ct)
    {
        var found = Select(request, request.Document("filter"));
        found = Shaping.Sort(found, request.Document("sort")).Skip(request.Int("skip", 0));
        var limit = request.Int("limit", 0);
        if (limit != 0) found = found.Take(Math.Abs(limit));
        var projection = request.Document("projection");
        found = found.Select(d => Shaping.Project(d, projection));
        var single = request.Flag("singleBatch") || limit < 0;
        var reply = cursors.First(request.Namespace, found, request.Int("batchSize", DefaultBatch), single);
        await AwaitReadConcernAsync(request, ct);
        return reply;
    }

    private async Task<BsonDocument> CountAsync(CommandRequest request, CancellationToken ct)
    {
        var found = Select(request, request.Document("query")).Skip(request.Int("skip", 0));
        if (request.Int("limit", 0) is not 0 and var limit) found = found.Take(Math.Abs(limit));
        var reply = new BsonDocument("n", found.Count());
        await AwaitReadConcernAsync(request, ct);
        return reply;
    }

    private async Task<BsonDocument> DistinctAsync(CommandRequest request, CancellationToken ct)
    {
        var key = request.Body["key"].AsString;
        var values = Select(request, request.Document("query")).SelectMany(d => BsonPath.Values(d, key)).Distinct();
        var reply = new BsonDocument("values", new BsonArray(values));
        await AwaitReadConcernAsync(request, ct);
        return reply;
    }

    private async Task<BsonDocument> AggregateAsync(CommandRequest request, CancellationToken ct)
    {
        if (!request.Body["aggregate"].IsString) throw new CommandException(ErrorCode.InvalidNamespace, "Only aggregations over a collection are supported by this stand-in");
        var stages = request.Array("pipeline");
        // A leading $match is an ordinary filter, with the same short way for one _id.
        var filter = stages.FirstOrDefault() is BsonDocument first && first.GetElement(0).Name == "$match" ? first["$match"].AsBsonDocument : [];
        var found = Pipeline.Run(stages, Select(request, filter));
        var reply = cursors.First(request.Namespace, found, request.Document("cursor").GetValue("batchSize", DefaultBatch).ToInt32(), single: false);
        await AwaitReadConcernAsync(request, ct);
        return reply;
    }

    private BsonDocument KillCursors(CommandRequest request)
    {
        var (killed, unknown) = (new BsonArray(), new BsonArray());
        foreach (var id in request.Array("cursors")) (cursors.Kill(id.ToInt64()) ? killed : unknown).Add(id);
        return new BsonDocument { ["cursorsKilled"] = killed, ["cursorsNotFound"] = unknown, ["cursorsAlive"] = new BsonArray(), ["cursorsUnknown"] = new BsonArray() };
    }

    /// <summary>The matching documents of this moment. Only references are taken under the gate; matching runs outside it.</summary>
    private IEnumerable<BsonDocument> Select(CommandRequest request, BsonDocument filter)
    {
        var documents = node.Read(request, catalog =>
        {
            if (request.Namespace == OplogNamespace) return [.. node.Engine.Oplog.Entries.Select(e => e.Raw)];
            if (catalog.Find(request.Namespace) is not { } collection) return [];
            if (Matcher.IdOf(filter) is not { } id) return collection.Snapshot();
            return collection.Find(id) is { } one ? [one] : Array.Empty<byte[]>();
        });
        var all = documents.Select(d => (BsonDocument)new RawBsonDocument(d));
        return filter.ElementCount == 0 ? all : all.Where(d => Matcher.Matches(filter, d));
    }

    /// <summary>Nothing that was read may be lost later: with majority, what this member has must be committed before the answer goes out.</summary>
    private async Task AwaitReadConcernAsync(CommandRequest request, CancellationToken ct)
    {
        if (node.Set is not { } set || request.Document("readConcern").GetValue("level", "local") is not BsonString { Value: "majority" or "linearizable" or "snapshot" }) return;
        OpTime at;
        lock (node.Engine.Gate) at = node.Engine.LastApplied;
        var limit = request.MaxTime ?? TimeSpan.FromSeconds(30);
        if (!await node.Engine.Progress.UntilAsync(() => { lock (node.Engine.Gate) return set.CommitPoint >= at; }, limit, node.Time, ct))
            throw new CommandException(ErrorCode.MaxTimeMSExpired, "operation exceeded time limit while waiting for the majority commit point");
    }
}
