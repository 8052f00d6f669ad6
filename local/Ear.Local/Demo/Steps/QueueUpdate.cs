using System.Text.Json.Nodes;

namespace Ear.Local.Demo.Steps;

internal static class QueueUpdate
{
    public static async Task PlayAsync(Stage stage, StepLog log, CancellationToken cancellation)
    {
        var current = await stage.Api.GetAsync(stage.ClusterPath, cancellation);
        var specs = current.Body!["replicationSpecs"]!.DeepClone();
        specs[0]!["regionConfigs"]![0]!["electableSpecs"]!["instanceSize"] = "M20";
        var patched = await stage.Api.PatchAsync(stage.ClusterPath, new JsonObject { ["replicationSpecs"] = specs }, cancellation);
        log.Check("PATCH to M20 is accepted while the cluster is down", patched.Status == 200, patched.ToString());
        var status = await stage.Api.GetAsync($"{stage.ClusterPath}/status", cancellation);
        log.Check("status says PENDING", status.Body?["changeStatus"]?.GetValue<string>() == "PENDING", $"{status.Body?["changeStatus"]}");

        var disable = await stage.Api.PatchAsync(stage.ClusterPath, new JsonObject { ["encryptionAtRestProvider"] = "NONE" }, cancellation);
        log.Check("disabling encryption is refused", disable is { Status: 400, ErrorCode: "ENCRYPTION_AT_REST_SETTINGS_INVALID" }, disable.ToString());
        var other = await stage.Kms!.CreateKeyAsync(new() { Description = "other" }, cancellation);
        var change = await stage.Api.PatchAsync(
            $"{stage.ProjectPath}/encryptionAtRest", new JsonObject { ["awsKms"] = new JsonObject { ["customerMasterKeyID"] = other.KeyMetadata.Arn } }, cancellation);
        log.Check("changing the key is refused", change is { Status: 400, ErrorCode: "ENCRYPTION_AT_REST_SETTINGS_INVALID" }, change.ToString());
        var running = stage.Nodes.Count(n => n.MongodRuns());
        log.Check("nothing started", running == 0, $"{running} run");
    }
}
