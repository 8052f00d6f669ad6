using MongoDB.Bson;
using MongoDB.Driver;

namespace Ear.Local.Demo;

/// <summary>
/// Inserts without pause, with w: majority, and remembers what was acknowledged: the yardstick for "nothing lost". An insert
/// whose answer was lost is sent again under the same _id; a duplicate key then means that it had arrived.
/// </summary>
internal sealed class Writer(IMongoCollection<BsonDocument> collection, string marker, TimeProvider time)
{
    private const int Batch = 10;
    private long nextId = 1_000_000;
    private long longestGapTicks;

    /// <summary>Ids 1,000,000 up to, not including, this one are acknowledged.</summary>
    public long AcknowledgedUpTo => Interlocked.Read(ref nextId);

    public long Acknowledged => AcknowledgedUpTo - 1_000_000;

    /// <summary>The longest time between two acknowledgements since the last reset: the window in which nobody could write.</summary>
    public TimeSpan LongestGap => TimeSpan.FromTicks(Interlocked.Read(ref longestGapTicks));

    public int Retries { get; private set; }

    public void ResetGap() => Interlocked.Exchange(ref longestGapTicks, 0);

    public async Task RunAsync(CancellationToken stop)
    {
        var last = time.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            var first = AcknowledgedUpTo;
            if (!await TryInsertAsync(first, stop))
                continue;
            Interlocked.Exchange(ref nextId, first + Batch);
            var gap = time.GetElapsedTime(last).Ticks;
            last = time.GetTimestamp();
            if (gap > Interlocked.Read(ref longestGapTicks))
                Interlocked.Exchange(ref longestGapTicks, gap);
        }
    }

    private async Task<bool> TryInsertAsync(long first, CancellationToken stop)
    {
        var documents = Enumerable.Range(0, Batch).Select(i => new BsonDocument { { "_id", first + i }, { "text", $"{marker} {first + i}" } });
        try
        {
            if (await TryInsertAsync(collection, documents, stop))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), time, stop);
                return true;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return false;
        }
        Retries++;
        await Task.Delay(TimeSpan.FromMilliseconds(50), time, CancellationToken.None);
        return false;
    }

    /// <summary>Inserts all, or some in an earlier try. False: nobody could be asked, or the answer was lost (an election); try again.</summary>
    public static async Task<bool> TryInsertAsync(IMongoCollection<BsonDocument> collection, IEnumerable<BsonDocument> documents, CancellationToken stop)
    {
        try
        {
            // Unordered: a repeat meets duplicates in front and still stores what is missing behind them.
            await collection.InsertManyAsync(documents, new() { IsOrdered = false }, stop);
            return true;
        }
        catch (MongoBulkWriteException<BsonDocument> e) when (e.WriteConcernError is null && e.WriteErrors.All(w => w.Category == ServerErrorCategory.DuplicateKey))
        {
            return true;
        }
        catch (Exception e) when (e is MongoException or TimeoutException or IOException)
        {
            return false;
        }
    }
}
