using System.Text;
using MongoDB.Bson;

namespace Ear.Local.Demo.Steps;

internal static class WritePlain
{
    public static async Task PlayAsync(Stage stage, StepLog log, CancellationToken cancellation)
    {
        foreach (var batch in Enumerable.Range(0, Stage.FirstDocuments).Chunk(1000))
        {
            // A busy machine may hold an election in between; what is missing then, the count below tells.
            await Polling.UntilAsync(
                stage.Time, TimeSpan.FromSeconds(30), () => Writer.TryInsertAsync(stage.Orders, batch.Select(i => new BsonDocument { { "_id", (long)i }, { "text", $"{Stage.Marker} {i}" } }), cancellation), cancellation);
        }
        var (_, found) = await stage.CountAsync(cancellation);
        log.Check("20,000 documents are acknowledged by a majority", found == Stage.FirstDocuments, $"{found}");

        // A majority needs two members; the third has them a moment later.
        var marker = Encoding.UTF8.GetBytes(Stage.Marker);
        await Polling.UntilAsync(stage.Time, TimeSpan.FromSeconds(10), () => Task.FromResult(stage.Nodes.All(n => n.FilesHolding(marker).Count > 0)), cancellation);
        var holding = stage.Nodes.Count(n => n.FilesHolding(marker).Count > 0);
        log.Check("the text is readable in every member's data files", holding == 3, $"{holding} of 3 members");
    }
}
