using System.Text.Json.Nodes;
using Ear.Clusters;
using Ear.Functions.Http;
using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Ear.Functions.Clusters.Doors;

/// <summary>What can be done with a cluster besides describing it: process arguments, and a test of its failover.</summary>
public sealed class ClusterOperationsDoor(AtlasDoor door, IClusters clusters, PrimaryRestarts restarts)
{
    private const string Path = "atlas/v2/groups/{groupId}/clusters/{clusterName}";
    private static readonly DateOnly Newer = new(2024, 8, 5);
    private static readonly MediaVersions Arguments = new MediaVersions("2024-08-05").Deprecated("2023-01-01", sunset: "2027-07-01");
    private static readonly MediaVersions Restarting = new MediaVersions("2023-02-01").Deprecated("2023-01-01", sunset: "2027-07-01");

    /// <summary>Project Read Only.</summary>
    [Function("getGroupClusterProcessArgs")]
    public Task<IActionResult> GetProcessArgs(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path + "/processArgs")] HttpRequest request, string groupId, string clusterName, [DurableClient] DurableTaskClient client)
        => door.InProjectAsync(request, groupId, Arguments, Role.ProjectReadOnly, call => FindAsync(call, clusterName).MapAsync(_ => ArgumentsOf(call)));

    /// <summary>Project Cluster Manager.</summary>
    [Function("updateGroupClusterProcessArgs")]
    public Task<IActionResult> UpdateProcessArgs(
        [HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = Path + "/processArgs")] HttpRequest request, string groupId, string clusterName, [DurableClient] DurableTaskClient client)
        => door.InProjectAsync(request, groupId, Arguments, Role.ProjectClusterManager, call =>
            FindAsync(call, clusterName)
                .ThenAsync(_ => call.BodyAsync())
                .ThenAsync(body => Task.FromResult(ProcessArguments.Refused(body) is { } refused ? refused : (Outcome<Reply>)ArgumentsOf(call))));

    /// <summary>Project Cluster Manager (R92).</summary>
    [Function("restartGroupClusterPrimaries")]
    public Task<IActionResult> RestartPrimaries(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path + "/restartPrimaries")] HttpRequest request, string groupId, string clusterName, [DurableClient] DurableTaskClient client)
        => door.InProjectAsync(request, groupId, Restarting, Role.ProjectClusterManager, call =>
            FindAsync(call, clusterName)
                .ThenAsync(cluster => restarts.AskAsync(call.Project, call.Caller, cluster, call.Cancellation))
                .MapAsync(_ => Reply.Ok(new JsonObject(), ClusterJson.Default.JsonObject)));

    private Task<Outcome<Cluster>> FindAsync(ProjectCall call, string text) => clusters.NamedAsync(call.Project.Id, text, call.Cancellation);

    private static Reply ArgumentsOf(ProjectCall call)
        => Reply.Ok(ProcessArguments.Of(older: call.Form.Value.Version.Date < Newer), ClusterJson.Default.JsonObject);
}
