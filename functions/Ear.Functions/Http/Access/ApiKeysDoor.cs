using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.Http.Access;

/// <summary>API keys as resources of a project, in Atlas's paths and shapes. Project Owner for all of it.</summary>
public sealed class ApiKeysDoor(AtlasDoor door, ApiKeys keys)
{
    private const string Path = "atlas/v2/groups/{groupId}/apiKeys";

    /// <summary>Project Owner.</summary>
    [Function("listGroupApiKeys")]
    public Task<IActionResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, call => Task.FromResult(Paging.Of(request)).ThenAsync(async paging =>
        {
            var all = await keys.ListAsync(call.Project.Id, call.Cancellation);
            ApiKeyView[] page = [.. all.Skip(paging.Skip).Take(paging.Size).Select(k => ApiKeyView.Of(k, $"{call.Url}/{k.Id()}"))];
            return (Outcome<Reply>)Reply.List(page, CredentialJson.Default.ApiKeyView, call.PageLinks(paging, all.Count), paging.IncludeCount ? all.Count : null);
        }));

    /// <summary>Project Owner. The private key is in this answer and nowhere else.</summary>
    [Function("createGroupApiKey")]
    public Task<IActionResult> Create([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, call =>
            call.ReadAsync(ApiKeyBody.Parse)
                .ThenAsync(body => Task.FromResult(body.Complete()))
                .ThenAsync(wanted => keys.CreateAsync(call.Project, call.Caller, call.Ids, wanted.Description, wanted.Roles, call.Cancellation))
                .MapAsync(made => Reply.Ok(ApiKeyView.Of(made.Key, $"{call.Url}/{made.Key.Id()}", made.PrivateKey), CredentialJson.Default.ApiKeyView)));

    /// <summary>Project Owner.</summary>
    [Function("updateGroupApiKey")]
    public Task<IActionResult> Update(
        [HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = Path + "/{apiUserId}")] HttpRequest request, string groupId, string apiUserId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, call =>
            call.ReadAsync(ApiKeyBody.Parse)
                .ThenAsync(body => keys.ChangeAsync(call.Project, call.Caller, apiUserId, body.Description, body.Roles, call.Cancellation))
                .MapAsync(key => Reply.Ok(ApiKeyView.Of(key, call.Url), CredentialJson.Default.ApiKeyView)));

    /// <summary>Project Owner. Out of the project; a key without any role left is deleted.</summary>
    [Function("removeGroupApiKey")]
    public Task<IActionResult> Remove(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Path + "/{apiUserId}")] HttpRequest request, string groupId, string apiUserId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, call =>
            keys.RemoveAsync(call.Project.Id, apiUserId, call.Caller.Name, call.Cancellation).MapAsync(_ => Reply.Nothing()));
}
