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

namespace Ear.Functions.Clusters.Doors;

/// <summary>Flex clusters share machines with strangers; self-managed machines are nobody else's. There are none here, and each request is told so in Atlas's words.</summary>
public sealed class FlexClustersDoor(AtlasDoor door, IClusters clusters)
{
    private const string Path = "atlas/v2/groups/{groupId}/flexClusters";
    private static readonly MediaVersions Versions = new("2024-11-13");

    /// <summary>Project Read Only.</summary>
    [Function("listGroupFlexClusters")]
    public Task<IActionResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, Versions, Role.ProjectReadOnly, call => Task.FromResult(Paging.Of(request).Map(paging =>
            Reply.List<JsonObject>([], ClusterJson.Default.JsonObject, call.PageLinks(paging, 0), paging.IncludeCount ? 0 : null))));

    /// <summary>Project Cluster Creator.</summary>
    [Function("createGroupFlexCluster")]
    public Task<IActionResult> Create([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, Versions, Role.ProjectClusterCreator, call =>
            call.BodyAsync().ThenAsync(_ => Task.FromResult((Outcome<Reply>)new Problem.NotRunHere("providerSettings", "A Flex cluster"))));

    /// <summary>Project Read Only.</summary>
    [Function("getGroupFlexCluster")]
    public Task<IActionResult> Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path + "/{name}")] HttpRequest request, string groupId, string name)
        => NoneAsync(request, groupId, name, Role.ProjectReadOnly);

    /// <summary>Project Cluster Manager.</summary>
    [Function("updateGroupFlexCluster")]
    public Task<IActionResult> Update([HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = Path + "/{name}")] HttpRequest request, string groupId, string name)
        => NoneAsync(request, groupId, name, Role.ProjectClusterManager);

    /// <summary>Project Owner.</summary>
    [Function("deleteGroupFlexCluster")]
    public Task<IActionResult> Delete([HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Path + "/{name}")] HttpRequest request, string groupId, string name)
        => NoneAsync(request, groupId, name, Role.ProjectOwner);

    private Task<IActionResult> NoneAsync(HttpRequest request, string groupId, string name, Role role)
        => door.InProjectAsync(request, groupId, Versions, role, call => clusters.NamedAsync(call.Project.Id, name, call.Cancellation)
            .ThenAsync(cluster => Task.FromResult((Outcome<Reply>)new Problem.NotAFlexCluster(cluster.Name.Value))));
}
