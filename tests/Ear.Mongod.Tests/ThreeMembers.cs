using MongoDB.Bson;
using MongoDB.Driver;

namespace Ear.Mongod.Tests;

/// <summary>A set of three real processes with short timeouts.</summary>
internal sealed class ThreeMembers : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private MongoClient? _client;

    public List<MongodProcess> Members { get; } = [];

    public MongoClient Client => _client ??= MongodProcess.Client($"mongodb://{string.Join(',', Members.Select(m => m.Host))}/?replicaSet=rs&w=majority&wtimeoutMS=20000&serverSelectionTimeoutMS=20000");

    public IMongoCollection<BsonDocument> Things => Client.GetDatabase("shop").GetCollection<BsonDocument>("things");

    public TempFolder Folder => _folder;

    /// <summary>As a writer who goes on over an election: on a busy machine a set may elect anew at any time.</summary>
    public Task FillAsync(IReadOnlyList<BsonDocument> documents) => Retry.Async(async () =>
    {
        try
        {
            await Things.InsertManyAsync(documents, new InsertManyOptions { IsOrdered = false });
        }
        catch (MongoBulkWriteException<BsonDocument> e) when (e.WriteConcernError is null && e.WriteErrors.All(w => w.Category is ServerErrorCategory.DuplicateKey))
        {
            // An earlier try arrived, in part or in full; the rest came now.
        }
    });

    public static async Task<ThreeMembers> StartAsync(params string[] options)
    {
        var set = new ThreeMembers();
        for (var i = 0; i < 3; i++) set.Members.Add(MongodProcess.Prepare(set._folder[$"n{i}"], ["--replSet", "rs", .. options]));
        await Task.WhenAll(set.Members.Select(m => m.StartAsync()));
        var members = string.Join(',', set.Members.Select((m, i) => $"{{_id: {i}, host: '{m.Host}'}}"));
        set.Members[0].Run($"{{replSetInitiate: {{_id: 'rs', members: [{members}], settings: {{electionTimeoutMillis: 1000, heartbeatIntervalMillis: 200}}}}}}");
        await set.HealthyAsync();
        return set;
    }

    /// <summary>One primary and two secondaries, each seen by itself.</summary>
    public Task HealthyAsync() => Until.TrueAsync(
        () => Members.Select(State).Order().SequenceEqual([1, 2, 2]), TimeSpan.FromSeconds(30),
        () => string.Join("\n", Members.Select(m => $"{m.Host} {State(m)}\n{m.Log()}")));

    public async Task<MongodProcess> PrimaryAsync()
    {
        MongodProcess? primary = null;
        await Until.TrueAsync(() => (primary = Members.Find(m => State(m) == 1)) is not null, TimeSpan.FromSeconds(20), () => string.Join("\n", Members.Select(m => $"{m.Host} {State(m)}\n{m.Log()}")));
        return primary!;
    }

    public static int State(MongodProcess member)
    {
        if (member.HasExited) return 8;
        try
        {
            return member.Run("{replSetGetStatus: 1}")["myState"].AsInt32;
        }
        catch (Exception e) when (e is MongoException or TimeoutException)
        {
            return 6;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        foreach (var member in Members) await member.DisposeAsync();
        _folder.Dispose();
    }
}
