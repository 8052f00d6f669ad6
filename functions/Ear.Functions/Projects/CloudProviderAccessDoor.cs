using Ear.CustomerKeys;
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

/// <summary>Cloud provider access of a project: AWS IAM roles, Azure service principals, Google service accounts (spec atlas-ear §2.11).</summary>
public sealed class CloudProviderAccessDoor(AtlasDoor door, AwsRoles roles, CloudAccess access, IOptions<ProjectOptions> options)
{
    private const string Path = "atlas/v2/groups/{groupId}/cloudProviderAccess";

    /// <summary>Project Read Only.</summary>
    [Function("listGroupCloudProviderAccess")]
    public Task<IActionResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, call => Task.FromResult<Outcome<Reply>>(
            Reply.Ok(AccessRolesView.Of(call.Project, options.Value), ProjectJson.Default.AccessRolesView)));

    /// <summary>Project Owner.</summary>
    [Function("createGroupCloudProviderAccess")]
    public Task<IActionResult> Create([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, call =>
            call.ReadAsync(AccessRoleBody.Parse)
                .ThenAsync(body => Task.FromResult(body.Asked(options.Value)))
                .ThenAsync(asked => asked switch
                {
                    AccessRoleWish.Aws => roles.CreateAsync(call.Project.Id, call.Ids, call.Caller.Name, call.Cancellation).MapAsync(role => Answer(call.Project, role)),
                    AccessRoleWish.Azure azure => access.CreateAsync(call.Project.Id, call.Ids.New<RoleId>(), azure.Ids, call.Caller.Name, call.Cancellation).MapAsync(role => Answer(call.Project, role)),
                    AccessRoleWish.Gcp google => access.CreateAsync(call.Project.Id, call.Ids.New<RoleId>(), google.Email, call.Caller.Name, call.Cancellation).MapAsync(role => Answer(call.Project, role)),
                    _ => throw new ArgumentOutOfRangeException(nameof(request), asked, null),
                }));

    /// <summary>Project Read Only.</summary>
    [Function("getGroupCloudProviderAccess")]
    public Task<IActionResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path + "/{roleId}")] HttpRequest request, string groupId, string roleId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, call => Task.FromResult(Find(call.Project, roleId)));

    /// <summary>Project Owner.</summary>
    [Function("authorizeGroupCloudProviderAccessRole")]
    public Task<IActionResult> Authorize(
        [HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = Path + "/{roleId}")] HttpRequest request, string groupId, string roleId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, call =>
            call.ReadAsync(AccessRoleBody.Parse)
                .ThenAsync(body => Task.FromResult(body.Authorised(options.Value)))
                .ThenAsync(asked => HexId.TryParse<RoleId>(roleId, out var id)
                    ? AuthorizeAsync(call, id, asked)
                    : Task.FromResult<Outcome<Reply>>(new Problem.RoleNotFound(roleId))));

    /// <summary>Project Owner.</summary>
    [Function("deauthorizeGroupCloudProviderAccessRole")]
    public Task<IActionResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Path + "/{cloudProvider}/{roleId}")] HttpRequest request,
        string groupId,
        string cloudProvider,
        string roleId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, async call =>
            KeyProviders.FromAtlasName(cloudProvider) is { } provider && HexId.TryParse<RoleId>(roleId, out var id)
                ? (await access.DeleteAsync(call.Project.Id, provider, id, call.Caller.Name, call.Cancellation)).Map(_ => Reply.Nothing())
                : new Problem.RoleNotFound(roleId));

    private Task<Outcome<Reply>> AuthorizeAsync(ProjectCall call, RoleId id, AccessRoleWish wish) => wish switch
    {
        AccessRoleWish.Aws { Arn: { } arn } => roles.AuthorizeAsync(call.Project, id, arn, call.Caller.Name, call.Cancellation).MapAsync(role => Answer(call.Project, role)),
        AccessRoleWish.Azure azure => access.UpdateAsync(call.Project.Id, id, azure.Ids, call.Caller.Name, call.Cancellation).MapAsync(role => Answer(call.Project, role)),
        // Nothing to say: Google's needs no second step (spec atlas-ear §2.11).
        AccessRoleWish.Gcp when call.Project.GcpServiceAccounts.Any(r => r.Id == id) => Task.FromResult(Find(call.Project, id.Value)),
        _ => Task.FromResult<Outcome<Reply>>(new Problem.RoleNotFound(id.Value)),
    };

    private Outcome<Reply> Find(Project project, string roleId)
    {
        if (project.AwsRoles.FirstOrDefault(r => r.Id.Value == roleId) is { } aws)
            return Answer(project, aws);
        if (project.AzureServicePrincipals.FirstOrDefault(r => r.Id.Value == roleId) is { } azure)
            return Answer(project, azure);
        return project.GcpServiceAccounts.FirstOrDefault(r => r.Id.Value == roleId) is { } google ? Answer(project, google) : new Problem.RoleNotFound(roleId);
    }

    private Reply Answer(Project project, AwsAccessRole role) => Reply.Ok(AwsRoleView.Of(project, role, options.Value), ProjectJson.Default.AwsRoleView);

    private static Reply Answer(Project project, AzureServicePrincipal role) => Reply.Ok(AzurePrincipalView.Of(project, role), ProjectJson.Default.AzurePrincipalView);

    private static Reply Answer(Project project, GcpServiceAccount role) => Reply.Ok(GcpAccountView.Of(project, role), ProjectJson.Default.GcpAccountView);
}
