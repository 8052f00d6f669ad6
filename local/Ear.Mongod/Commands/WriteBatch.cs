using Ear.Mongod.Storage;
using MongoDB.Bson;

namespace Ear.Mongod.Commands;

/// <summary>The writes of one command, applied one by one with the gate held.</summary>
internal sealed class WriteBatch(StorageEngine engine, long term, TimeProvider time)
{
    public Catalog Catalog => engine.Catalog;

    public void Insert(string ns, BsonDocument document)
    {
        Ensure(ns);
        Log(new OplogWrite("i", ns, document, document["_id"]));
    }

    public void Replace(string ns, BsonDocument document) => Log(new OplogWrite("u", ns, document, document["_id"]));

    public void Delete(string ns, BsonValue id) => Log(new OplogWrite("d", ns, new BsonDocument("_id", id), id));

    public void Command(string database, BsonDocument command) => Log(OplogWrite.Command(database, command));

    public void Ensure(string ns)
    {
        if (engine.Catalog.Find(ns) is not null) return;
        Names.CheckCollection(ns);
        Command(Catalog.DatabaseOf(ns), new BsonDocument { ["create"] = ns[(ns.IndexOf('.', StringComparison.Ordinal) + 1)..], ["options"] = new BsonDocument() });
    }

    private void Log(OplogWrite write) => engine.Append(OplogEntry.Create(engine.NextOpTime(term), time.GetUtcNow(), write));
}
