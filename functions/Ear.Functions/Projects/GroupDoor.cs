using Ear.Functions.Http;
using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.Projects;

/// <summary>One project (spec atlas-ear §2.12).</summary>
public sealed class GroupDoor(AtlasDoor door, ProjectUpdates updates, ProjectClosing closing, GroupViews views)
{
    private const string Path = GroupsDoor.Path + "/{groupId}";

    /// <summary>Project Read Only.</summary>
    [Function("getGroup")]
    public Task<IActionResult> Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, call => views.OneAsync(call, call.Project));

    /// <summary>Project Owner.</summary>
    [Function("updateGroup")]
    public Task<IActionResult> Update([HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, call =>
            call.ReadAsync(GroupBody.Parse)
                .ThenAsync(body => Task.FromResult(body.Change()))
                .ThenAsync(patch => updates.ApplyAsync(call.Project.Id, patch, call.Caller.Name, call.Cancellation))
                .ThenAsync(project => views.OneAsync(call, project)));

    /// <summary>Project Owner.</summary>
    [Function("deleteGroup")]
    public Task<IActionResult> Delete([HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, call =>
            closing.CloseAsync(call.Project.Id, call.Caller.Name, call.Cancellation).MapAsync(_ => Reply.Nothing()));
}
