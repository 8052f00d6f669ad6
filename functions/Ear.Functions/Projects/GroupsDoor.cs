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

/// <summary>Projects, which Atlas's API calls groups (spec atlas-ear §2.12): making and finding them.</summary>
public sealed class GroupsDoor(AtlasDoor door, ProjectCreation creation, ProjectList list, GroupViews views, IOptions<ProjectOptions> options)
{
    internal const string Path = "atlas/v2/groups";

    /// <summary>Organization Owner or Project Creator; the caller becomes Project Owner.</summary>
    [Function("createGroup")]
    public Task<IActionResult> Create([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path)] HttpRequest request)
        => door.AnswerAsync(request, MediaVersions.First, call =>
            call.ReadAsync(GroupBody.Parse)
                .ThenAsync(body => Task.FromResult(body.Complete(request, call.Ids.New<ProjectId>(), options.Value.OwnerEmailList())))
                .ThenAsync(wanted => creation.CreateAsync(call.Caller, wanted, call.Cancellation))
                .ThenAsync(project => views.OneAsync(call, project)));

    /// <summary>Everybody: the projects that the caller may read.</summary>
    [Function("listGroups")]
    public Task<IActionResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path)] HttpRequest request)
        => door.AnswerAsync(request, MediaVersions.First, async call => await views.PageAsync(call, await list.ReadableByAsync(call.Caller, call.Cancellation)));

    /// <summary>Project Read Only. To others a project does not exist by its name, or the name would tell them its id.</summary>
    [Function("getGroupByName")]
    public Task<IActionResult> ByName([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path + "/byName/{groupName}")] HttpRequest request, string groupName)
        => door.AnswerAsync(request, MediaVersions.First, async call => await list.FindReadableAsync(call.Caller, groupName, call.Cancellation) is { } project
            ? await views.OneAsync(call, project)
            : new Problem.ProjectNameNotFound(groupName));
}
