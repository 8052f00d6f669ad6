using Amazon.KeyManagementService.Model;
using MongoDB.Bson;

namespace Ear.Local.Demo.Steps;

internal static class RestoreKey
{
    public static async Task PlayAsync(Stage stage, StepLog log, CancellationToken cancellation)
    {
        await stage.Kms!.EnableKeyAsync(new EnableKeyRequest { KeyId = stage.KeyArn }, cancellation);
        var start = stage.Time.GetTimestamp();
        var tried = await stage.Api.GetAsync($"{stage.ProjectPath}/encryptionAtRest", cancellation);
        log.Check("GET encryptionAtRest validates now: valid", tried.Body?["awsKms"]?["valid"]?.GetValue<bool>() == true, $"{tried.Body?["awsKms"]?["valid"]}");
        log.Doing("processes restart, then the queued change is applied");
        var up = await Polling.UntilAsync(stage.Time, TimeSpan.FromSeconds(60), () => OutageStopsNothing.HasJoinedAsync(stage, 3, cancellation), cancellation);
        stage.Figures["from Try Again to three healthy members, s"] = Math.Round(stage.Time.GetElapsedTime(start).TotalSeconds, 1);
        log.Check("the processes are back", up, $"after {stage.Time.GetElapsedTime(start).TotalSeconds:0.0} s");
        var idle = await stage.IdleAsync(TimeSpan.FromSeconds(90), cancellation);
        log.Check("the queued change is applied", idle, $"{await stage.StateAsync(cancellation)} {await SizesAsync(stage, cancellation)}");
        var (acknowledged, found) = await stage.CountAsync(cancellation);
        log.Check("every acknowledged document is there", acknowledged == found, $"{found} of {acknowledged}");
        log.Check("the alerts are closed", (await stage.OpenAlertsAsync(cancellation)).Count == 0, $"{(await stage.OpenAlertsAsync(cancellation)).Count} open");
    }

    // What the members say themselves: their cache follows the instance size.
    private static async Task<string> SizesAsync(Stage stage, CancellationToken cancellation)
    {
        var status = await stage.Orders.Database.Client.GetDatabase("admin").RunCommandAsync<BsonDocument>(new BsonDocument("serverStatus", 1), cancellationToken: cancellation);
        return $"(cache of the primary: {status["wiredTiger"]["cache"]["maximum bytes configured"].ToInt64() >> 20} MiB)";
    }
}
