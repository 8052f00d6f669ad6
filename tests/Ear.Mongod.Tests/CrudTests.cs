using MongoDB.Bson;
using MongoDB.Driver;

namespace Ear.Mongod.Tests;

public sealed class CrudTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private MongodProcess _mongod = null!;

    private IMongoCollection<BsonDocument> Things => _mongod.Direct.GetDatabase("shop").GetCollection<BsonDocument>("things");

    public async ValueTask InitializeAsync() => _mongod = await MongodProcess.StartNewAsync(_folder["db"]);

    public async ValueTask DisposeAsync()
    {
        await _mongod.DisposeAsync();
        _folder.Dispose();
    }

    private static BsonDocument D(string json) => BsonDocument.Parse(json);

    private async Task FillAsync(int count) => await Things.InsertManyAsync(Enumerable.Range(0, count).Select(i => new BsonDocument { ["_id"] = i, ["n"] = i, ["even"] = i % 2 == 0, ["in"] = new BsonDocument("deep", i) }));

    [Fact]
    public async Task Documents_are_found_by_the_operators_of_a_filter()
    {
        await FillAsync(10);
        await Things.InsertOneAsync(D("{_id: 'other', tags: ['a', 'b'], n: 'text'}"));

        async Task Finds(string filter, params int[] ids) => Assert.Equal(ids, (await Things.Find(D(filter)).ToListAsync()).Select(d => d["_id"].AsInt32));
        await Finds("{n: {$gt: 7}}", 8, 9);
        await Finds("{n: {$gte: 3, $lt: 5}}", 3, 4);
        await Finds("{'in.deep': 5}", 5);
        await Finds("{_id: {$in: [1, 4]}}", 1, 4);
        await Finds("{$or: [{n: 2}, {$and: [{n: 3}, {even: false}]}]}", 2, 3);
        await Finds("{n: {$ne: 1}, _id: {$lte: 2}}", 0, 2);
        await Finds("{_id: 3.0}", 3);
        Assert.Equal("other", (await Things.Find(D("{tags: 'b'}")).SingleAsync())["_id"]);
        Assert.Equal(1, await Things.CountDocumentsAsync(D("{even: {$exists: false}}")));
    }

    [Fact]
    public async Task Answers_are_sorted_cut_projected_and_come_in_batches()
    {
        await FillAsync(250);
        var page = await Things.Find(D("{}")).Sort(D("{n: -1}")).Skip(10).Limit(3).Project(D("{n: 1, _id: 0}")).ToListAsync();
        Assert.Equal(["{ \"n\" : 239 }", "{ \"n\" : 238 }", "{ \"n\" : 237 }"], page.Select(d => d.ToString()));
        Assert.DoesNotContain("even", (await Things.Find(D("{_id: 1}")).Project(D("{even: 0}")).SingleAsync()).Names);
        var batches = await Things.Find(D("{}"), new FindOptions { BatchSize = 40 }).ToListAsync();
        Assert.Equal(Enumerable.Range(0, 250), batches.Select(d => d["_id"].AsInt32));
    }

    [Fact]
    public async Task Updates_set_count_unset_replace_and_insert_what_is_missing()
    {
        await FillAsync(4);
        var many = await Things.UpdateManyAsync(D("{even: true}"), D("{$set: {'in.colour': 'red'}, $inc: {n: 10}, $unset: {even: 1}}"));
        Assert.Equal((2, 2), (many.MatchedCount, many.ModifiedCount));
        Assert.Equal(D("{_id: 2, n: 12, in: {deep: 2, colour: 'red'}}"), await Things.Find(D("{_id: 2}")).SingleAsync());

        await Things.ReplaceOneAsync(D("{_id: 1}"), D("{only: 1}"));
        Assert.Equal(D("{_id: 1, only: 1}"), await Things.Find(D("{_id: 1}")).SingleAsync());

        var upsert = await Things.UpdateOneAsync(D("{_id: 'new', kind: 'k'}"), D("{$set: {a: 1}, $setOnInsert: {b: 2}}"), new UpdateOptions { IsUpsert = true });
        Assert.Equal("new", upsert.UpsertedId);
        Assert.Equal(D("{_id: 'new', kind: 'k', a: 1, b: 2}"), await Things.Find(D("{_id: 'new'}")).SingleAsync());

        var after = await Things.FindOneAndUpdateAsync<BsonDocument>(D("{_id: 3}"), D("{$inc: {n: 1}}"), new() { ReturnDocument = ReturnDocument.After });
        Assert.Equal(4, after["n"].AsInt32);
        Assert.Equal(1, (await Things.DeleteOneAsync(D("{_id: 3}"))).DeletedCount);
        Assert.Equal(0, (await Things.DeleteOneAsync(D("{_id: 3}"))).DeletedCount);
    }

    [Fact]
    public async Task A_second_document_with_the_same_id_is_refused_and_an_unordered_batch_goes_on()
    {
        await FillAsync(2);
        var one = await Assert.ThrowsAsync<MongoWriteException>(() => Things.InsertOneAsync(D("{_id: 1}")));
        Assert.Equal(ServerErrorCategory.DuplicateKey, one.WriteError.Category);
        var bulk = await Assert.ThrowsAsync<MongoBulkWriteException<BsonDocument>>(() => Things.InsertManyAsync([D("{_id: 0}"), D("{_id: 7}")], new() { IsOrdered = false }));
        Assert.Single(bulk.WriteErrors);
        Assert.Equal(1, await Things.CountDocumentsAsync(D("{_id: 7}")));
        await Assert.ThrowsAsync<MongoBulkWriteException<BsonDocument>>(() => Things.InsertManyAsync([D("{_id: 0}"), D("{_id: 8}")]));
        Assert.Equal(0, await Things.CountDocumentsAsync(D("{_id: 8}")));
    }

    [Fact]
    public async Task Collections_databases_and_index_definitions_are_listed_and_dropped()
    {
        await FillAsync(1);
        await Things.Indexes.CreateOneAsync(new CreateIndexModel<BsonDocument>(D("{n: 1}"), new() { Name = "by_n" }));
        Assert.Equal(["_id_", "by_n"], (await (await Things.Indexes.ListAsync()).ToListAsync()).Select(i => i["name"].AsString));
        var shop = _mongod.Direct.GetDatabase("shop");
        await shop.CreateCollectionAsync("empty");
        Assert.Equal(["empty", "things"], (await (await shop.ListCollectionNamesAsync()).ToListAsync()).Order());
        await shop.DropCollectionAsync("empty");
        Assert.Contains("shop", await (await _mongod.Direct.ListDatabaseNamesAsync()).ToListAsync());
        await _mongod.Direct.DropDatabaseAsync("shop");
        Assert.DoesNotContain("shop", await (await _mongod.Direct.ListDatabaseNamesAsync()).ToListAsync());
    }

    [Fact]
    public void It_says_that_it_is_a_stand_in_and_refuses_what_it_does_not_know()
    {
        Assert.Equal("ear-stand-in", _mongod.Run("{buildInfo: 1}")["modules"][0]);
        var unknown = Assert.Throws<MongoCommandException>(() => _mongod.Run("{mapReduce: 'things'}"));
        Assert.Equal((59, "CommandNotFound"), (unknown.Code, unknown.CodeName));
        _mongod.Run("{insert: 'x', documents: [{_id: 1}]}");
        Assert.Equal(2, Assert.Throws<MongoCommandException>(() => _mongod.Run("{find: 'x', filter: {a: {$near: 1}}}")).Code);
        Assert.Equal(2, Assert.Throws<MongoCommandException>(() => _mongod.Run("{aggregate: 'x', pipeline: [{$lookup: {}}], cursor: {}}")).Code);
        Assert.Equal(76, Assert.Throws<MongoCommandException>(() => _mongod.Run("{replSetGetStatus: 1}")).Code);
    }

    [Fact]
    public async Task What_was_journalled_is_there_after_kill_9_and_after_a_clean_end()
    {
        await Things.WithWriteConcern(WriteConcern.Acknowledged.With(journal: true)).InsertManyAsync(Enumerable.Range(0, 500).Select(i => new BsonDocument("_id", i)));
        await _mongod.KillAsync();
        await _mongod.StartAsync();
        Assert.Equal(500, await Things.CountDocumentsAsync(D("{}")));
        await _mongod.TerminateAsync();
        Assert.Equal(0, _mongod.ExitCode);
        await _mongod.StartAsync();
        Assert.Equal(500, await Things.CountDocumentsAsync(D("{}")));
    }
}
