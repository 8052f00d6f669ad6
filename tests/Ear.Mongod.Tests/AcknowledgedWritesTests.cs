using System.Collections.Concurrent;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Ear.Mongod.Tests;

/// <summary>Random trouble on real processes: whatever happens, as long as one member at a time loses its files, what was acknowledged with w:majority stays.</summary>
public sealed class AcknowledgedWritesTests
{
    private const int Rounds = 8;

    /// <summary>Another seed, to look for trouble by hand: EAR_MONGOD_SEED.</summary>
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("EAR_MONGOD_SEED"), out var seed) ? seed : 20251;

    [Fact]
    public async Task No_acknowledged_write_is_lost_over_kills_pauses_step_downs_and_wipes()
    {
        await using var set = await ThreeMembers.StartAsync();
        var acknowledged = new ConcurrentBag<int>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var writers = Enumerable.Range(0, 3).Select(w => WriteAsync(set, w, acknowledged, stop.Token)).ToArray();
        var trouble = new Trouble(set, new Random(Seed), () => acknowledged.Count);
        var story = new List<string>();
        for (var round = 0; round < Rounds; round++)
        {
            var before = acknowledged.Count;
            story.Add(await trouble.NextAsync(round));
            // Each time the set comes back to taking writes, though not always to health.
            await Until.TrueAsync(() => acknowledged.Count > before + 20, TimeSpan.FromSeconds(30), () => $"seed {Seed}, no writes after {string.Join(", ", story)}:\n{Logs(set)}");
        }
        await stop.CancelAsync();
        await Task.WhenAll(writers);
        await set.HealthyAsync();

        foreach (var member in set.Members)
        {
            var missing = new HashSet<int>();
            await Until.TrueAsync(async () => (missing = [.. acknowledged.Except(await IdsAsync(member))]).Count == 0, TimeSpan.FromSeconds(10),
                () => $"seed {Seed}, {member.Host} lacks {missing.Count} of {acknowledged.Count} acknowledged writes ({string.Join(' ', missing.Take(5))}) after {string.Join(", ", story)}:\n{Logs(set)}");
        }
    }

    private static async Task WriteAsync(ThreeMembers set, int writer, ConcurrentBag<int> acknowledged, CancellationToken ct)
    {
        await Task.Yield();
        for (var id = writer * 10_000_000; !ct.IsCancellationRequested; id++)
        {
            try
            {
                await set.Things.InsertOneAsync(new BsonDocument("_id", id), cancellationToken: ct);
                acknowledged.Add(id);
            }
            catch (Exception e) when (e is MongoException or TimeoutException or OperationCanceledException)
            {
                // Not acknowledged: it may be there or not. The next one has another id.
                if (!ct.IsCancellationRequested) await Task.Delay(20, CancellationToken.None);
            }
        }
    }

    private static async Task<HashSet<int>> IdsAsync(MongodProcess member) =>
        [.. (await member.Direct.GetDatabase("shop").GetCollection<BsonDocument>("things").WithReadPreference(ReadPreference.Nearest).Find(new BsonDocument()).ToListAsync()).Select(d => d["_id"].AsInt32)];

    private static string Logs(ThreeMembers set) => string.Join("\n", set.Members.Select(m => $"--- {m.Host}\n{string.Join('\n', m.Log().Split('\n').TakeLast(60))}"));
}
