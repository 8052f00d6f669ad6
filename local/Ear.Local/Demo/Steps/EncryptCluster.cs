using System.Text;
using System.Text.Json.Nodes;

namespace Ear.Local.Demo.Steps;

internal static class EncryptCluster
{
    public static async Task PlayAsync(Stage stage, StepLog log, CancellationToken cancellation)
    {
        stage.StartWriting();
        var writer = stage.Writer!;
        var patched = await stage.Api.PatchAsync(stage.ClusterPath, new JsonObject { ["encryptionAtRestProvider"] = "AWS" }, cancellation);
        log.Check("PATCH encryptionAtRestProvider: AWS is accepted", patched.Status == 200, $"{patched} {patched.Body?["stateName"]}");
        log.Doing("rolling initial sync, while a writer goes on");
        writer.ResetGap();
        var before = writer.Acknowledged;
        var idle = await stage.IdleAsync(TimeSpan.FromSeconds(120), cancellation);
        var gap = writer.LongestGap;
        await stage.StopWritingAsync();
        log.Check("the cluster is IDLE again", idle, await stage.StateAsync(cancellation));
        log.Check("the writer went on all the time", writer.Acknowledged > before, $"{writer.Acknowledged - before} acknowledged meanwhile, {writer.Retries} retries, longest pause {gap.TotalSeconds:0.00} s");
        stage.Figures["longest pause of the writer while encrypting (step-down included), s"] = Math.Round(gap.TotalSeconds, 2);

        var marker = Encoding.UTF8.GetBytes(Stage.Marker);
        var readable = stage.Nodes.SelectMany(n => n.FilesHolding(marker).Select(f => $"{n.Name}/{f}")).ToArray();
        log.Check("the text is in no file of any member", readable.Length == 0, readable.Length == 0 ? "no file" : string.Join(' ', readable));
        var (acknowledged, found) = await stage.CountAsync(cancellation);
        log.Check("every acknowledged document is there", acknowledged == found, $"{found} of {acknowledged}");
        var resyncs = await stage.EventsAsync("CLUSTER_INSTANCE_RESYNC_CLEARED", cancellation);
        log.Check("events tell each member's re-sync", resyncs.Count == 3, $"{resyncs.Count} CLUSTER_INSTANCE_RESYNC_CLEARED");
    }
}
