namespace Ear.Local.Demo.Steps;

internal static class OutageStopsNothing
{
    private const string Alert = "ENCRYPTION_AT_REST_KMS_NETWORK_ACCESS_DENIED";
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(6);

    public static async Task PlayAsync(Stage stage, StepLog log, CancellationToken cancellation)
    {
        await stage.KmsControl.RefuseAsync(cancellation);
        log.Doing("the KMS refuses connections; running the validation timer");
        await stage.RunValidationAsync(cancellation);
        var opened = await Polling.UntilAsync(stage.Time, TimeSpan.FromSeconds(40), async () => (await stage.OpenAlertsAsync(cancellation)).Contains(Alert), cancellation);
        log.Check("the network alert opens", opened, string.Join(' ', await stage.OpenAlertsAsync(cancellation)));
        var running = stage.Nodes.Count(n => n.MongodRuns());
        log.Check("nothing stops", running == 3, $"{running} of 3 run");

        var victim = stage.Nodes[0];
        using (var mongod = victim.Mongod())
            mongod?.Kill();
        log.Doing("one mongod was killed; its key cannot be read");
        // The others notice a dead member by missed heartbeats: only from then on does "healthy" mean that it came back.
        var noticed = await Polling.UntilAsync(stage.Time, TimeSpan.FromSeconds(30), async () => !await HasJoinedAsync(stage, 3, cancellation), cancellation);
        var returned = !noticed || await Polling.UntilAsync(stage.Time, Watched, () => HasJoinedAsync(stage, 3, cancellation), cancellation);
        log.Check("the killed member cannot come back", !returned, returned ? "it came back" : $"not within {Watched.TotalSeconds:0} s");
        stage.StartWriting();
        var before = stage.Writer!.Acknowledged;
        var writes = await Polling.UntilAsync(stage.Time, TimeSpan.FromSeconds(30), () => Task.FromResult(stage.Writer.Acknowledged > before + 100), cancellation);
        await stage.StopWritingAsync();
        log.Check("the cluster works on with two", writes, $"{stage.Writer.Acknowledged - before} acknowledged by a majority");

        await stage.KmsControl.ClearAsync(cancellation);
        log.Doing("the KMS is back; running the validation timer");
        await stage.RunValidationAsync(cancellation);
        var closed = await Polling.UntilAsync(stage.Time, TimeSpan.FromSeconds(40), async () => !(await stage.OpenAlertsAsync(cancellation)).Contains(Alert), cancellation);
        log.Check("the alert closes", closed, $"open alerts: {(await stage.OpenAlertsAsync(cancellation)).Count}");
        var back = await Polling.UntilAsync(stage.Time, TimeSpan.FromSeconds(40), () => HasJoinedAsync(stage, 3, cancellation), cancellation);
        log.Check("the member returns", back, back ? "3 of 3 healthy" : "fewer than 3 healthy");
    }

    internal static async Task<bool> HasJoinedAsync(Stage stage, int members, CancellationToken cancellation)
    {
        try
        {
            var status = await stage.Orders.Database.Client.GetDatabase("admin").RunCommandAsync<MongoDB.Bson.BsonDocument>(
                new MongoDB.Bson.BsonDocument("replSetGetStatus", 1), cancellationToken: cancellation);
            return status["members"].AsBsonArray.Count(m => m["stateStr"].AsString is "PRIMARY" or "SECONDARY") >= members;
        }
        catch (Exception e) when (e is MongoDB.Driver.MongoException or TimeoutException)
        {
            return false; // no primary at this moment: asked again until the bound
        }
    }
}
