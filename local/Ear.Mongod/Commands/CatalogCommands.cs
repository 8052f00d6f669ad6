using Ear.Mongod.Storage;
using MongoDB.Bson;

namespace Ear.Mongod.Commands;

/// <summary>Databases, collections and the index definitions that are remembered.</summary>
internal sealed class CatalogCommands(Node node, Cursors cursors)
{
    public void AddTo(CommandDispatcher commands)
    {
        commands.Add("listDatabases", ListDatabases);
        commands.Add("listCollections", ListCollections);
        commands.Add("listIndexes", ListIndexes);
        commands.Add("create", (r, ct) => node.WriteAsync(r, b => Create(r, b), ct));
        commands.Add("drop", (r, ct) => node.WriteAsync(r, b => Drop(r, b), ct));
        commands.Add("dropDatabase", (r, ct) => node.WriteAsync(r, b => DropDatabase(r, b), ct));
        commands.Add("createIndexes", (r, ct) => node.WriteAsync(r, b => CreateIndexes(r, b), ct));
        commands.Add("dropIndexes", (r, ct) => node.WriteAsync(r, b => DropIndexes(r, b), ct));
        commands.Add("collStats", CollStats);
        commands.Add("dbStats", DbStats);
    }

    private BsonDocument ListDatabases(CommandRequest request) => node.Read(request, catalog =>
    {
        var databases = catalog.Databases.Select(d => new BsonDocument
        {
            ["name"] = d,
            ["sizeOnDisk"] = catalog.In(d).Sum(c => c.DataSize),
            ["empty"] = catalog.In(d).All(c => c.Count == 0),
        }).ToList();
        if (node.Set is not null) databases.Add(new BsonDocument { ["name"] = "local", ["sizeOnDisk"] = node.Engine.Oplog.Bytes, ["empty"] = false });
        var filter = request.Document("filter");
        var shown = databases.Where(d => Query.Matcher.Matches(filter, d)).Select(d => request.Flag("nameOnly") ? new BsonDocument("name", d["name"]) : d);
        return new BsonDocument { ["databases"] = new BsonArray(shown), ["totalSize"] = databases.Sum(d => d["sizeOnDisk"].ToInt64()) };
    });

    private BsonDocument ListCollections(CommandRequest request)
    {
        var filter = request.Document("filter");
        var collections = node.Read(request, catalog => catalog.In(request.Database).Select(c => new BsonDocument
        {
            ["name"] = c.Namespace[(request.Database.Length + 1)..],
            ["type"] = "collection",
            ["options"] = c.Options,
            ["info"] = new BsonDocument("readOnly", false),
            ["idIndex"] = IdIndex(),
        }).Where(d => Query.Matcher.Matches(filter, d)).ToArray());
        return cursors.First($"{request.Database}.$cmd.listCollections", collections, int.MaxValue, single: true);
    }

    private BsonDocument ListIndexes(CommandRequest request)
    {
        var indexes = node.Read(request, catalog => catalog.Find(request.Namespace) is { } c
            ? c.Indexes.Values.Prepend(IdIndex()).ToArray()
            : throw new CommandException(ErrorCode.NamespaceNotFound, $"ns does not exist: {request.Namespace}"));
        return cursors.First(request.Namespace, indexes, int.MaxValue, single: true);
    }

    private static BsonDocument Create(CommandRequest request, WriteBatch batch)
    {
        if (batch.Catalog.Find(request.Namespace) is not null) throw new CommandException(ErrorCode.NamespaceExists, $"Collection {request.Namespace} already exists.");
        foreach (var unknown in new[] { "capped", "timeseries", "viewOn" }.Where(f => request.Body.Contains(f) && request.Body[f] != false))
            throw new CommandException(ErrorCode.InvalidOptions, $"the collection option '{unknown}' is not supported by this stand-in");
        batch.Ensure(request.Namespace);
        return [];
    }

    private static BsonDocument Drop(CommandRequest request, WriteBatch batch)
    {
        if (batch.Catalog.Find(request.Namespace) is null) throw new CommandException(ErrorCode.NamespaceNotFound, "ns not found");
        batch.Command(request.Database, new BsonDocument("drop", request.Body["drop"]));
        return new BsonDocument { ["nIndexesWas"] = 1, ["ns"] = request.Namespace };
    }

    private static BsonDocument DropDatabase(CommandRequest request, WriteBatch batch)
    {
        if (batch.Catalog.In(request.Database).Any()) batch.Command(request.Database, new BsonDocument("dropDatabase", 1));
        return new BsonDocument("dropped", request.Database);
    }

    private static BsonDocument CreateIndexes(CommandRequest request, WriteBatch batch)
    {
        var before = batch.Catalog.Find(request.Namespace)?.Indexes.Count ?? 0;
        var wanted = request.Array("indexes").Select(i => i.AsBsonDocument).ToArray();
        foreach (var index in wanted.Where(i => !i.Contains("name") || !i.Contains("key"))) throw new CommandException(ErrorCode.FailedToParse, $"The index specification needs 'key' and 'name': {index.Names.Count()} fields given");
        batch.Ensure(request.Namespace);
        var collection = batch.Catalog.Find(request.Namespace)!;
        var added = wanted.Where(i => i["name"] != "_id_" && !collection.Indexes.ContainsKey(i["name"].AsString)).Select(i => new BsonDocument(i) { ["v"] = 2 }).ToArray();
        if (added.Length > 0) batch.Command(request.Database, new BsonDocument { ["createIndexes"] = request.Body["createIndexes"], ["indexes"] = new BsonArray(added) });
        return new BsonDocument { ["numIndexesBefore"] = before + 1, ["numIndexesAfter"] = before + 1 + added.Length, ["createdCollectionAutomatically"] = false };
    }

    private static BsonDocument DropIndexes(CommandRequest request, WriteBatch batch)
    {
        var collection = batch.Catalog.Find(request.Namespace) ?? throw new CommandException(ErrorCode.NamespaceNotFound, $"ns not found {request.Namespace}");
        var (before, wanted) = (collection.Indexes.Count, request.Body["index"].AsString);
        var names = wanted == "*" ? collection.Indexes.Keys.ToArray() : collection.Indexes.ContainsKey(wanted) ? [wanted] : throw new CommandException(ErrorCode.IndexNotFound, $"index not found with name [{wanted}]");
        foreach (var name in names) batch.Command(request.Database, new BsonDocument { ["dropIndexes"] = request.Body["dropIndexes"], ["index"] = name });
        return new BsonDocument("nIndexesWas", before + 1);
    }

    private BsonDocument CollStats(CommandRequest request) => node.Read(request, catalog =>
    {
        var collection = catalog.Find(request.Namespace);
        return new BsonDocument { ["ns"] = request.Namespace, ["count"] = collection?.Count ?? 0, ["size"] = collection?.DataSize ?? 0, ["storageSize"] = collection?.DataSize ?? 0, ["nindexes"] = 1 + (collection?.Indexes.Count ?? 0) };
    });

    private BsonDocument DbStats(CommandRequest request) => node.Read(request, catalog => new BsonDocument
    {
        ["db"] = request.Database,
        ["collections"] = catalog.In(request.Database).Count(),
        ["objects"] = catalog.In(request.Database).Sum(c => c.Count),
        ["dataSize"] = catalog.In(request.Database).Sum(c => c.DataSize),
        ["storageSize"] = catalog.In(request.Database).Sum(c => c.DataSize),
    });

    private static BsonDocument IdIndex() => new() { ["v"] = 2, ["key"] = new BsonDocument("_id", 1), ["name"] = "_id_" };
}
