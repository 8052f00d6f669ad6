using System.Diagnostics;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Ear.Mongod.Tests;

public sealed class ReplicaSetTests
{
    [Fact]
    public async Task Three_processes_form_a_set_that_acknowledges_majority_writes()
    {
        await using var set = await ThreeMembers.StartAsync();
        await set.Things.InsertManyAsync(Enumerable.Range(0, 2000).Select(i => new BsonDocument { ["_id"] = i, ["text"] = "thing" }));
        Assert.Equal(2000, await set.Things.CountDocumentsAsync(new BsonDocument()));

        var status = (await set.PrimaryAsync()).Run("{replSetGetStatus: 1}");
        Assert.Equal(2, status["majorityVoteCount"].AsInt32);
        Assert.Equal([1.0, 1.0, 1.0], status["members"].AsBsonArray.Select(m => m["health"].AsDouble));
    }
}
