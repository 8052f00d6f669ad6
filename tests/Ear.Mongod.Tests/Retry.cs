using System.Diagnostics;
using MongoDB.Driver;

namespace Ear.Mongod.Tests;

/// <summary>What any writer does over a failover: try again until a primary takes it.</summary>
internal static class Retry
{
    public static async Task Async(Func<Task> write)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await write();
                return;
            }
            catch (MongoWriteException e) when (e.WriteError?.Category == ServerErrorCategory.DuplicateKey)
            {
                return; // an earlier try arrived after all
            }
            catch (Exception e) when (e is MongoException or TimeoutException && watch.Elapsed < TimeSpan.FromSeconds(20))
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }
    }
}
