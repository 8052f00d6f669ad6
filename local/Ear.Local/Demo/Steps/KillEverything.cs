using System.Text;
using System.Text.Json.Nodes;

namespace Ear.Local.Demo.Steps;

internal static class KillEverything
{
    public static async Task PlayAsync(Stage stage, StepLog log, CancellationToken cancellation)
    {
        stage.StartWriting();
        var cleared = (await stage.EventsAsync("CLUSTER_INSTANCE_RESYNC_CLEARED", cancellation)).Count;
        var patched = await stage.Api.PatchAsync(stage.ClusterPath, new JsonObject { ["encryptionAtRestProvider"] = "NONE" }, cancellation);
        log.Check("PATCH encryptionAtRestProvider: NONE is accepted", patched.Status == 200, patched.ToString());
        log.Doing("waiting until the second member is being re-synced");
        var middle = await Polling.UntilAsync(stage.Time, TimeSpan.FromSeconds(60), async () => await InTheMiddleAsync(stage, cleared, cancellation), cancellation);

        await stage.Ear.KillAsync(cancellation);
        var agents = stage.Nodes.Select(n => n.Agent()).OfType<System.Diagnostics.Process>().ToArray();
        foreach (var agent in agents)
        {
            agent.Kill();
            agent.Dispose();
        }
        log.Check("host, engine and agents are killed in the middle of it", middle && agents.Length == 3, $"host and {agents.Length} agents");

        log.Doing("starting Ear again on the same folder");
        await stage.StartEarAsync(cancellation);
        var idle = await stage.IdleAsync(TimeSpan.FromSeconds(120), cancellation);
        await stage.StopWritingAsync();
        log.Check("it goes on where it was and ends IDLE", idle, await stage.StateAsync(cancellation));
        var total = (await stage.EventsAsync("CLUSTER_INSTANCE_RESYNC_CLEARED", cancellation)).Count - cleared;
        log.Check("each member was re-synced once", total == 3, $"{total}");

        var marker = Encoding.UTF8.GetBytes(Stage.Marker);
        var plain = stage.Nodes.Count(n => n.FilesHolding(marker).Count > 0);
        log.Check("the data is plain at rest again", plain == 3, $"{plain} of 3 members");
        var (acknowledged, found) = await stage.CountAsync(cancellation);
        log.Check("nothing is lost", acknowledged == found, $"{found} of {acknowledged}");
        stage.Figures["documents acknowledged in all"] = acknowledged;
        stage.Figures["memory of the Ear process, MB"] = stage.Ear.WorkingSet >> 20;
    }

    private static async Task<bool> InTheMiddleAsync(Stage stage, int cleared, CancellationToken cancellation)
        => (await stage.EventsAsync("CLUSTER_INSTANCE_RESYNC_CLEARED", cancellation)).Count > cleared
            && (await stage.EventsAsync("CLUSTER_INSTANCE_RESYNC_REQUESTED", cancellation)).Count > cleared + 1;
}
