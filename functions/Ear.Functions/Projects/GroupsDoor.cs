using Ear.Clusters;
using Ear.Functions.Http;
using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Projects;

/// <summary>Projects, which Atlas's API calls groups (spec atlas-ear §2.12).</summary>
public sealed class GroupsDoor(AtlasDoor door, ProjectCreation creation, ProjectList list, IClusters clusters, IOptions<ProjectOptions> options)
{
    private const string Path = "atlas/v2/groups";

    /// <summary>Organization Owner or Project Creator; the caller becomes Project Owner.</summary>
    [Function("createGroup")]
    public Task<IActionResult> Create([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path)] HttpRequest request)
        => door.AnswerAsync(request, MediaVersions.First, call =>
            call.ReadAsync(GroupBody.Parse)
                .ThenAsync(body => Task.FromResult(body.Complete(request)))
                .ThenAsync(body => creation.CreateAsync(call.Caller, body.OrgId, body.Name, options.Value.OwnerEmailList(), call.Cancellation))
                .ThenAsync(project => AnswerAsync(call, project, call.Url + "/" + project.Id)));

    /// <summary>Project Read Only.</summary>
    [Function("getGroup")]
    public Task<IActionResult> Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path + "/{groupId}")] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, call => AnswerAsync(call, call.Project, call.Url));

    /// <summary>Everybody: the projects that the caller may read.</summary>
    [Function("listGroups")]
    public Task<IActionResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path)] HttpRequest request)
        => door.AnswerAsync(request, MediaVersions.First, call => Task.FromResult(Paging.Of(request)).ThenAsync(async paging =>
        {
            var all = await list.ReadableByAsync(call.Caller, call.Cancellation);
            var page = new List<GroupView>();
            foreach (var project in all.Skip(paging.Skip).Take(paging.Size))
                page.Add(await ViewAsync(project, call.Url + "/" + project.Id, call.Cancellation));
            return (Outcome<Reply>)Reply.List(page, ProjectJson.Default.GroupView, call.PageLinks(paging, all.Count), paging.IncludeCount ? all.Count : null);
        }));

    private async Task<Outcome<Reply>> AnswerAsync(AtlasCall call, Project project, string url)
        => Reply.Ok(await ViewAsync(project, url, call.Cancellation), ProjectJson.Default.GroupView);

    private async Task<GroupView> ViewAsync(Project project, string url, CancellationToken cancellation) => new(
        project.Id.Value,
        project.OrgId.Value,
        project.Name,
        AtlasTime.Format(project.Created),
        (await clusters.ListAsync(project.Id, cancellation)).Count,
        [new Link(url, "self")]);
}
