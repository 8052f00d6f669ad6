using System.Text.Json.Nodes;
using Ear.Clusters;
using Ear.Functions.Clusters.Doors.Versions;
using Ear.Functions.Http;
using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Nodes;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Ear.Functions.Clusters.Doors;

/// <summary>The clusters of a project (spec atlas-ear §2.3). A body and its answer may be of different versions.</summary>
public sealed class ClustersDoor(AtlasDoor door, ClusterWishes wishes, IClusters clusters, INodes nodes)
{
    private const string Path = "atlas/v2/groups/{groupId}/clusters";
    private const string OldShapesEnd = "2027-07-01";
    private static readonly MediaVersions Reading = new MediaVersions("2024-08-05").Deprecated("2023-02-01", OldShapesEnd).Deprecated("2023-01-01", OldShapesEnd);
    private static readonly MediaVersions Writing = new MediaVersions("2024-10-23").Deprecated("2024-08-05", sunset: "2027-03-01").Deprecated("2023-02-01", OldShapesEnd).Deprecated("2023-01-01", OldShapesEnd);
    private static readonly MediaVersions Deleting = new MediaVersions("2023-02-01").Deprecated("2023-01-01", OldShapesEnd);

    /// <summary>Project Read Only.</summary>
    [Function("listGroupClusters")]
    public Task<IActionResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path)] HttpRequest request, string groupId, [DurableClient] DurableTaskClient client)
        => door.InProjectAsync(request, groupId, Reading, Role.ProjectReadOnly, call => Task.FromResult(Paging.Of(request)).ThenAsync(async paging =>
        {
            var all = await clusters.ListAsync(call.Project.Id, call.Cancellation);
            var page = new List<JsonObject>();
            foreach (var (cluster, _) in all.Skip(paging.Skip).Take(paging.Size))
                page.Add(await ViewAsync(call, cluster, $"{call.Url}/{cluster.Name}"));
            var links = call.PageLinks(paging, all.Count, "&includeDeletedWithRetainedBackups=false");
            return (Outcome<Reply>)Reply.List(page, ClusterJson.Default.JsonObject, links, paging.IncludeCount ? all.Count : null);
        }));

    /// <summary>Project Cluster Creator; with customer key management, Project Owner (C6).</summary>
    [Function("createGroupCluster")]
    public Task<IActionResult> Create([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path)] HttpRequest request, string groupId, [DurableClient] DurableTaskClient client)
        => door.InProjectAsync(request, groupId, Writing, Role.ProjectClusterCreator, call =>
            WishedAsync(call)
                .ThenAsync(body => wishes.CreateAsync(call.Project, call.Caller, call.Ids.New<ClusterId>(), body, call.Cancellation))
                .ThenAsync(async cluster => (Outcome<Reply>)Reply.Created(await ViewAsync(call, cluster, $"{call.Url}/{cluster.Name}"), ClusterJson.Default.JsonObject)));

    /// <summary>Project Read Only.</summary>
    [Function("getGroupCluster")]
    public Task<IActionResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path + "/{clusterName}")] HttpRequest request, string groupId, string clusterName, [DurableClient] DurableTaskClient client)
        => door.InProjectAsync(request, groupId, Reading, Role.ProjectReadOnly, call => AnswerAsync(call, clusterName));

    /// <summary>Project Cluster Manager; for the provider of encryption and termination protection, Project Owner (C6).</summary>
    [Function("updateGroupCluster")]
    public Task<IActionResult> Update(
        [HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = Path + "/{clusterName}")] HttpRequest request, string groupId, string clusterName, [DurableClient] DurableTaskClient client)
        => door.InProjectAsync(request, groupId, Writing, Role.ProjectClusterManager, call =>
            WishedAsync(call)
                .ThenAsync(body => wishes.ChangeAsync(call.Project, call.Caller, clusterName, body, call.Expected, call.Cancellation))
                .ThenAsync(_ => AnswerAsync(call, clusterName)));

    /// <summary>Project Owner (R93).</summary>
    [Function("deleteGroupCluster")]
    public Task<IActionResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Path + "/{clusterName}")] HttpRequest request, string groupId, string clusterName, [DurableClient] DurableTaskClient client)
        => door.InProjectAsync(request, groupId, Deleting, Role.ProjectOwner, call =>
            Task.FromResult(Query.Flag(request, "retainBackups", false).Then(retain => retain ? new Problem.NotRunHere("retainBackups", "Keeping backups") : (Outcome<bool>)retain))
                .ThenAsync(_ => wishes.DeleteAsync(call.Project, call.Caller, clusterName, call.Expected, call.Cancellation))
                .MapAsync(_ => Reply.Accepted()));

    /// <summary>Project Read Only.</summary>
    [Function("getGroupClusterStatus")]
    public Task<IActionResult> Status(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path + "/{clusterName}/status")] HttpRequest request, string groupId, string clusterName, [DurableClient] DurableTaskClient client)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, call => FindAsync(call, clusterName).MapAsync(cluster =>
            Reply.Ok(new ClusterStatusView(cluster.Document.IsPending ? "PENDING" : "APPLIED", call.Self()), ClusterJson.Default.ClusterStatusView)));

    private Task<Outcome<Stored<Cluster>>> FindAsync(ProjectCall call, string text) => clusters.StoredAsync(call.Project.Id, text, call.Cancellation);

    // Read in the version that Content-Type names, and said in the newest.
    private static async Task<Outcome<WishedBody>> WishedAsync(ProjectCall call)
    {
        if (!call.BodyVersion().IsOk(out var version, out var problem) || !(await call.BodyAsync()).IsOk(out var body, out problem))
            return problem;
        var shape = ClusterShape.Of(version);
        return (WishedBody)(described => shape.ToNewest(body, described));
    }

    /// <summary>With its version, which belongs to what is stored at this moment.</summary>
    private Task<Outcome<Reply>> AnswerAsync(ProjectCall call, string name) => FindAsync(call, name).ThenAsync(async stored =>
        (Outcome<Reply>)(Reply.Ok(await ViewAsync(call, stored.Document, call.Url), ClusterJson.Default.JsonObject) with { Version = stored.Version }));

    private async Task<JsonObject> ViewAsync(ProjectCall call, Cluster cluster, string url)
        => ClusterShape.Of(call.Form.Value.Version).FromNewest(ClusterView20240805.Of(cluster, await nodes.ListAsync(cluster.ProjectId, cluster.Id, call.Cancellation), url));
}
