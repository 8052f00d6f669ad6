using Ear.Mongod.Query;
using Ear.Mongod.Storage;
using MongoDB.Bson;

namespace Ear.Mongod.Commands;

/// <summary>insert, update, delete, findAndModify. Each statement is its own oplog entry; a batch is not atomic, as in mongod.</summary>
internal sealed class WriteCommands(Node node)
{
    private const int MaxDocument = 16 << 20;

    public void AddTo(CommandDispatcher commands)
    {
        commands.Add("insert", (r, ct) => node.WriteAsync(r, b => Insert(r, b), ct));
        commands.Add("update", (r, ct) => node.WriteAsync(r, b => Update(r, b), ct));
        commands.Add("delete", (r, ct) => node.WriteAsync(r, b => Delete(r, b), ct));
        commands.Add("findAndModify", (r, ct) => node.WriteAsync(r, b => FindAndModify(r, b), ct));
    }

    private static BsonDocument Insert(CommandRequest request, WriteBatch batch) => ForEach(request, "documents", (statement, _) =>
    {
        var document = WithId(statement);
        if (batch.Catalog.Find(request.Namespace)?.Find(document["_id"]) is not null) throw Duplicate(request.Namespace, document["_id"]);
        CheckSize(document);
        batch.Insert(request.Namespace, document);
        return 1;
    });

    private static BsonDocument Delete(CommandRequest request, WriteBatch batch) => ForEach(request, "deletes", (statement, _) =>
    {
        var found = Find(batch, request.Namespace, statement["q"].AsBsonDocument);
        var ids = (statement.GetValue("limit", 0).ToInt32() == 1 ? found.Take(1) : found).Select(d => d["_id"]).ToArray();
        foreach (var id in ids) batch.Delete(request.Namespace, id);
        return ids.Length;
    });

    private static BsonDocument Update(CommandRequest request, WriteBatch batch)
    {
        var (modified, upserted) = (0, new BsonArray());
        var reply = ForEach(request, "updates", (statement, index) =>
        {
            var (filter, update) = (statement["q"].AsBsonDocument, statement["u"]);
            var found = Find(batch, request.Namespace, filter);
            var documents = (statement.GetValue("multi", false).ToBoolean() ? found : found.Take(1)).ToArray();
            modified += documents.Count(d => Change(batch, request.Namespace, d, update) is { Changed: true });
            if (documents.Length > 0 || !statement.GetValue("upsert", false).ToBoolean()) return documents.Length;
            upserted.Add(new BsonDocument { ["index"] = index, ["_id"] = Upsert(batch, request.Namespace, filter, update)["_id"] });
            return 1;
        });
        reply["nModified"] = modified;
        if (upserted.Count > 0) reply["upserted"] = upserted;
        return reply;
    }

    private static BsonDocument FindAndModify(CommandRequest request, WriteBatch batch)
    {
        var filter = request.Document("query");
        var found = Shaping.Sort(Find(batch, request.Namespace, filter), request.Document("sort")).FirstOrDefault();
        BsonDocument? after = null;
        var outcome = new BsonDocument { ["n"] = found is null ? 0 : 1 };
        if (request.Flag("remove"))
        {
            if (found is not null) batch.Delete(request.Namespace, found["_id"]);
        }
        else if (found is not null)
        {
            after = Change(batch, request.Namespace, found, request.Body["update"]).After;
            outcome["updatedExisting"] = true;
        }
        else
        {
            outcome["updatedExisting"] = false;
            if (request.Flag("upsert"))
            {
                after = Upsert(batch, request.Namespace, filter, request.Body["update"]);
                (outcome["n"], outcome["upserted"]) = (1, after["_id"]);
            }
        }
        var value = request.Flag("new") ? after : found;
        return new BsonDocument { ["lastErrorObject"] = outcome, ["value"] = value is null ? BsonNull.Value : Shaping.Project(value, request.Document("fields")) };
    }

    private static BsonDocument ForEach(CommandRequest request, string field, Func<BsonDocument, int, int> run)
    {
        var (n, errors, statements) = (0, new BsonArray(), request.Array(field));
        for (var i = 0; i < statements.Count; i++)
        {
            try
            {
                n += run(statements[i].AsBsonDocument, i);
            }
            catch (CommandException e)
            {
                errors.Add(new BsonDocument { ["index"] = i, ["code"] = (int)e.Code, ["errmsg"] = e.Message });
                if (request.Flag("ordered", otherwise: true)) break;
            }
        }
        var reply = new BsonDocument { ["n"] = n };
        if (errors.Count > 0) reply["writeErrors"] = errors;
        return reply;
    }

    private static IEnumerable<BsonDocument> Find(WriteBatch batch, string ns, BsonDocument filter)
    {
        if (batch.Catalog.Find(ns) is not { } collection) return [];
        var candidates = Matcher.IdOf(filter) is { } id ? (collection.Find(id) is { } one ? [one] : []) : collection.Snapshot();
        return candidates.Select(d => (BsonDocument)new RawBsonDocument(d)).Where(d => Matcher.Matches(filter, d));
    }

    private static (BsonDocument After, bool Changed) Change(WriteBatch batch, string ns, BsonDocument before, BsonValue update)
    {
        var after = Updater.Apply(before, update, isInsert: false);
        var changed = !after.ToBson().AsSpan().SequenceEqual(before.ToBson());
        CheckSize(after);
        if (changed) batch.Replace(ns, after);
        return (after, changed);
    }

    private static BsonDocument Upsert(WriteBatch batch, string ns, BsonDocument filter, BsonValue update)
    {
        var document = WithId(Updater.Apply(Updater.Seed(filter, update), update, isInsert: true));
        if (batch.Catalog.Find(ns)?.Find(document["_id"]) is not null) throw Duplicate(ns, document["_id"]);
        CheckSize(document);
        batch.Insert(ns, document);
        return document;
    }

    private static BsonDocument WithId(BsonDocument document)
    {
        if (!document.Contains("_id")) document.InsertAt(0, new BsonElement("_id", ObjectId.GenerateNewId()));
        return document["_id"] is BsonArray or BsonRegularExpression or BsonUndefined
            ? throw new CommandException(ErrorCode.BadValue, "The '_id' value cannot be an array, a regular expression or undefined")
            : document;
    }

    private static void CheckSize(BsonDocument document)
    {
        if (document.ToBson().Length > MaxDocument) throw new CommandException(ErrorCode.BadValue, $"object to insert too large: more than {MaxDocument} bytes");
    }

    private static CommandException Duplicate(string ns, BsonValue id) =>
        new(ErrorCode.DuplicateKey, $"E11000 duplicate key error collection: {ns} index: _id_ dup key: {{ _id: {id.ToJson()} }}");
}
