using Ear.Functions.Http;
using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.Projects;

/// <summary>The clusters of all projects at a glance, as MongoDB's MCP server asks for them (docs/atlas-clients.md). An item, and so a page, counts projects.</summary>
public sealed class ClusterDetailsDoor(AtlasDoor door, ProjectList list, ClusterDetails details)
{
    /// <summary>Everybody: the projects that the caller may read.</summary>
    [Function("listClusterDetails")]
    public Task<IActionResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "atlas/v2/clusters")] HttpRequest request)
        => door.AnswerAsync(request, MediaVersions.First, call => Task.FromResult(Paging.Of(request)).ThenAsync(async paging =>
        {
            var all = await list.ReadableByAsync(call.Caller, call.Cancellation);
            var page = new List<ProjectClustersView>();
            foreach (var project in all.Skip(paging.Skip).Take(paging.Size))
                page.Add(await details.OfAsync(project, call.Cancellation));
            return (Outcome<Reply>)Reply.List(page, ProjectJson.Default.ProjectClustersView, call.PageLinks(paging, all.Count), paging.IncludeCount ? all.Count : null);
        }));
}
