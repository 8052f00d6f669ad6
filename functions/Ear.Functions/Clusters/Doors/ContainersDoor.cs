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

/// <summary>Network peering containers, read by clients that ask where a cluster lives (spec atlas-ear §3.4). Networks are the owner's own, so none is made, changed or deleted here.</summary>
public sealed class ContainersDoor(AtlasDoor door, IClusters clusters)
{
    private const string Path = "atlas/v2/groups/{groupId}/containers";
    private const string ById = Path + "/{containerId}";
    // Its name comes before listGroupContainerAll's, so a Functions host would ask it for the container "all" (ADR-0017).
    private const string ByIdAndNotAll = Path + "/{containerId:minlength(4)}";
    private static readonly string[] Providers = ["AWS", "AZURE", "GCP"];

    /// <summary>Project Read Only. One provider's; AWS's where none is named.</summary>
    [Function("listGroupContainers")]
    public Task<IActionResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, async call =>
        {
            var provider = request.Query["providerName"] is { Count: > 0 } named ? named[0]! : "AWS";
            return Providers.Contains(provider)
                ? await PageAsync(call, c => c.ProviderName == provider, $"&providerName={provider}")
                : new Problem.InvalidField("providerName", "AWS, AZURE or GCP.");
        });

    /// <summary>Project Read Only.</summary>
    [Function("listGroupContainerAll")]
    public Task<IActionResult> ListAll([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path + "/all")] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, call => PageAsync(call, _ => true, ""));

    /// <summary>Project Read Only.</summary>
    [Function("getGroupContainer")]
    public Task<IActionResult> Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = ByIdAndNotAll)] HttpRequest request, string groupId, string containerId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, call =>
            FindAsync(call, containerId).MapAsync(container => Reply.Ok(ViewOf(container), ClusterJson.Default.JsonObject)));

    /// <summary>Project Owner.</summary>
    [Function("createGroupContainer")]
    public Task<IActionResult> Create([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, call => call.BodyAsync().ThenAsync(_ => RefusedAsync()));

    /// <summary>Project Owner.</summary>
    [Function("updateGroupContainer")]
    public Task<IActionResult> Update([HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = ById)] HttpRequest request, string groupId, string containerId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, call => FindAsync(call, containerId).ThenAsync(_ => RefusedAsync()));

    /// <summary>Project Owner.</summary>
    [Function("deleteGroupContainer")]
    public Task<IActionResult> Delete([HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = ById)] HttpRequest request, string groupId, string containerId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, call => FindAsync(call, containerId).ThenAsync(_ => RefusedAsync()));

    private static Task<Outcome<Reply>> RefusedAsync()
        => Task.FromResult((Outcome<Reply>)new Problem.NotRunHere("atlasCidrBlock", "Network peering (clusters are in their owner's own networks)"));

    private async Task<Outcome<Reply>> PageAsync(ProjectCall call, Func<NetworkContainer, bool> wanted, string filters)
    {
        if (!Paging.Of(call.Request).IsOk(out var paging, out var problem))
            return problem;
        var all = (await AllAsync(call)).Where(wanted).ToList();
        JsonObject[] page = [.. all.Skip(paging.Skip).Take(paging.Size).Select(ViewOf)];
        return Reply.List(page, ClusterJson.Default.JsonObject, call.PageLinks(paging, all.Count, filters), paging.IncludeCount ? all.Count : null);
    }

    private async Task<Outcome<NetworkContainer>> FindAsync(ProjectCall call, string id)
        => (await AllAsync(call)).FirstOrDefault(c => c.Id == id) is { } container ? container : new Problem.ContainerNotFound(id, call.Project.Id.Value);

    private async Task<IReadOnlyList<NetworkContainer>> AllAsync(ProjectCall call)
        => NetworkContainer.Of(call.Project.Id, (await clusters.ListAsync(call.Project.Id, call.Cancellation)).Select(c => c.Document));

    private static JsonObject ViewOf(NetworkContainer container)
    {
        var view = new JsonObject { ["id"] = container.Id, ["providerName"] = container.ProviderName, ["provisioned"] = true };
        if (container.ProviderName is "GCP")
            view["regions"] = new JsonArray([.. container.Regions.Select(r => JsonValue.Create(r))]);
        else
            view[container.ProviderName is "AWS" ? "regionName" : "region"] = container.Regions[0];
        return view;
    }
}
