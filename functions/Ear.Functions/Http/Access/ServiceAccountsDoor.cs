using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.Http.Access;

/// <summary>Service accounts as resources of a project, and their secrets, in Atlas's paths and shapes. Project Owner for all of it.</summary>
public sealed class ServiceAccountsDoor(AtlasDoor door, ServiceAccounts accounts)
{
    private const string Path = "atlas/v2/groups/{groupId}/serviceAccounts";
    private static readonly MediaVersions Versions = new("2024-08-05");

    /// <summary>Project Owner.</summary>
    [Function("listGroupServiceAccounts")]
    public Task<IActionResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, Versions, Role.ProjectOwner, call => Task.FromResult(Paging.Of(request)).ThenAsync(async paging =>
        {
            var all = await accounts.ListAsync(call.Project.Id, call.Cancellation);
            ServiceAccountView[] page = [.. all.Skip(paging.Skip).Take(paging.Size).Select(a => ServiceAccountView.Of(a, call.Project.Id))];
            return (Outcome<Reply>)Reply.List(page, CredentialJson.Default.ServiceAccountView, call.PageLinks(paging, all.Count), paging.IncludeCount ? all.Count : null);
        }));

    /// <summary>Project Owner. The secret is in this answer and nowhere else.</summary>
    [Function("createGroupServiceAccount")]
    public Task<IActionResult> Create([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, Versions, Role.ProjectOwner, call =>
            call.ReadAsync(ServiceAccountBody.Parse)
                .ThenAsync(body => Task.FromResult(body.Complete()))
                .ThenAsync(wanted => accounts.CreateAsync(call.Project, call.Caller, call.Ids, wanted, call.Cancellation))
                .MapAsync(made => Reply.Created(ServiceAccountView.Of(made.Account, call.Project.Id, made), CredentialJson.Default.ServiceAccountView)));

    /// <summary>Project Owner.</summary>
    [Function("getGroupServiceAccount")]
    public Task<IActionResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path + "/{clientId}")] HttpRequest request, string groupId, string clientId)
        => door.InProjectAsync(request, groupId, Versions, Role.ProjectOwner, call => AnswerAsync(call, accounts.FindAsync(call.Project.Id, clientId, call.Cancellation)));

    /// <summary>Project Owner.</summary>
    [Function("updateGroupServiceAccount")]
    public Task<IActionResult> Update(
        [HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = Path + "/{clientId}")] HttpRequest request, string groupId, string clientId)
        => door.InProjectAsync(request, groupId, Versions, Role.ProjectOwner, call => AnswerAsync(call,
            call.ReadAsync(ServiceAccountBody.Parse)
                .ThenAsync(body => accounts.ChangeAsync(
                    call.Project, call.Caller, clientId, new ServiceAccountPatch(body.Name, body.Description, body.Roles), call.Cancellation))));

    /// <summary>Project Owner. Out of the project; an account without any role left is deleted, and its tokens with it.</summary>
    [Function("deleteGroupServiceAccount")]
    public Task<IActionResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Path + "/{clientId}")] HttpRequest request, string groupId, string clientId)
        => door.InProjectAsync(request, groupId, Versions, Role.ProjectOwner, call =>
            accounts.RemoveAsync(call.Project.Id, clientId, call.Caller.Name, call.Cancellation).MapAsync(_ => Reply.Nothing()));

    /// <summary>Project Owner. The secret is in this answer and nowhere else.</summary>
    [Function("createGroupServiceAccountSecret")]
    public Task<IActionResult> AddSecret(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path + "/{clientId}/secrets")] HttpRequest request, string groupId, string clientId)
        => door.InProjectAsync(request, groupId, Versions, Role.ProjectOwner, call =>
            call.ReadAsync(body => ServiceAccountBody.Life(body))
                .ThenAsync(life => Task.FromResult(ServiceAccountBody.CompleteSecret(life)))
                .ThenAsync(life => accounts.AddSecretAsync(call.Project.Id, clientId, call.Ids, life, call.Caller.Name, call.Cancellation))
                .MapAsync(made => Reply.Created(SecretView.Of(made.Account.Secrets.First(s => s.Id == made.SecretId), made), CredentialJson.Default.SecretView)));

    /// <summary>Project Owner.</summary>
    [Function("deleteGroupServiceAccountSecret")]
    public Task<IActionResult> DeleteSecret(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Path + "/{clientId}/secrets/{secretId}")] HttpRequest request, string groupId, string clientId, string secretId)
        => door.InProjectAsync(request, groupId, Versions, Role.ProjectOwner, call =>
            accounts.DeleteSecretAsync(call.Project.Id, clientId, secretId, call.Caller.Name, call.Cancellation).MapAsync(_ => Reply.Nothing()));

    private static Task<Outcome<Reply>> AnswerAsync(ProjectCall call, Task<Outcome<ServiceAccount>> account)
        => account.MapAsync(a => Reply.Ok(ServiceAccountView.Of(a, call.Project.Id), CredentialJson.Default.ServiceAccountView));
}
