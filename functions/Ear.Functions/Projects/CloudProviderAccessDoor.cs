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

/// <summary>Cloud provider access of a project: AWS IAM roles (spec atlas-ear §2.11).</summary>
public sealed class CloudProviderAccessDoor(AtlasDoor door, AwsRoles roles, IOptions<ProjectOptions> options)
{
    private const string Path = "atlas/v2/groups/{groupId}/cloudProviderAccess";

    /// <summary>Project Read Only.</summary>
    [Function("listGroupCloudProviderAccess")]
    public Task<IActionResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, call => Task.FromResult<Outcome<Reply>>(
            Reply.Ok(new AccessRolesView([.. call.Project.AwsRoles.Select(r => View(call.Project, r))], [], []), ProjectJson.Default.AccessRolesView)));

    /// <summary>Project Owner.</summary>
    [Function("createGroupCloudProviderAccess")]
    public Task<IActionResult> Create([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, call =>
            call.ReadAsync(AccessRoleBody.Parse)
                .ThenAsync(body => Task.FromResult(body.Aws(options.Value)))
                .ThenAsync(_ => roles.CreateAsync(call.Project.Id, call.Caller.Name, call.Cancellation))
                .MapAsync(role => Answer(call.Project, role)));

    /// <summary>Project Read Only.</summary>
    [Function("getGroupCloudProviderAccess")]
    public Task<IActionResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path + "/{roleId}")] HttpRequest request, string groupId, string roleId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, call => Task.FromResult(
            call.Project.AwsRoles.FirstOrDefault(r => r.Id.Value == roleId) is { } role ? Answer(call.Project, role) : (Outcome<Reply>)new Problem.RoleNotFound(roleId)));

    /// <summary>Project Owner.</summary>
    [Function("authorizeGroupCloudProviderAccessRole")]
    public Task<IActionResult> Authorize(
        [HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = Path + "/{roleId}")] HttpRequest request, string groupId, string roleId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, call =>
            call.ReadAsync(AccessRoleBody.Parse)
                .ThenAsync(body => Task.FromResult(body.Aws(options.Value).Then(_ => body.Arn())))
                .ThenAsync(arn => HexId.TryParse<RoleId>(roleId, out var id)
                    ? roles.AuthorizeAsync(call.Project, id, arn, call.Caller.Name, call.Cancellation)
                    : Task.FromResult<Outcome<AwsAccessRole>>(new Problem.RoleNotFound(roleId)))
                .MapAsync(role => Answer(call.Project, role)));

    /// <summary>Project Owner.</summary>
    [Function("deauthorizeGroupCloudProviderAccessRole")]
    public Task<IActionResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Path + "/{cloudProvider}/{roleId}")] HttpRequest request,
        string groupId,
        string cloudProvider,
        string roleId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, async call =>
            cloudProvider == "AWS" && HexId.TryParse<RoleId>(roleId, out var id)
                ? (await roles.DeleteAsync(call.Project.Id, id, call.Caller.Name, call.Cancellation)).Map(_ => Reply.Nothing())
                : new Problem.RoleNotFound(roleId));

    private Reply Answer(Project project, AwsAccessRole role) => Reply.Ok(View(project, role), ProjectJson.Default.AwsRoleView);

    private AwsRoleView View(Project project, AwsAccessRole role) => AwsRoleView.Of(project, role, options.Value);
}
