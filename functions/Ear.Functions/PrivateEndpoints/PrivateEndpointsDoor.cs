using Ear.CustomerKeys;
using Ear.Functions.Http;
using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.PrivateEndpoints;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Ear.Functions.PrivateEndpoints;

/// <summary>The private endpoints of a project's key service (spec atlas-ear §2.2). Project Owner, for all (R13).</summary>
public sealed class PrivateEndpointsDoor(AtlasDoor door, PrivateEndpointWishes wishes, IPrivateEndpoints endpoints, IPrivateEndpointWaker waker)
{
    private const string Path = "atlas/v2/groups/{groupId}/encryptionAtRest/{cloudProvider}/privateEndpoints";

    /// <summary>Project Owner (R13). Oldest first.</summary>
    [Function("listGroupEncryptionAtRestPrivateEndpoints")]
    public Task<IActionResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path)] HttpRequest request, string groupId, string cloudProvider, [DurableClient] DurableTaskClient client)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, call =>
            Task.FromResult(Provider(cloudProvider).Then(provider => Paging.Of(request).Map(paging => (provider, paging)))).ThenAsync(async asked =>
            {
                var (provider, paging) = asked;
                var all = (await endpoints.ListAsync(call.Project.Id, call.Cancellation)).Select(e => e.Document).Where(e => e.Provider == provider)
                    .OrderBy(e => e.Created).ThenBy(e => e.Id.Value, StringComparer.Ordinal).ToArray();
                var page = all.Skip(paging.Skip).Take(paging.Size).Select(PrivateEndpointView.Of).ToArray();
                return (Outcome<Reply>)Reply.List(page, PrivateEndpointJson.Default.PrivateEndpointView, call.PageLinks(paging, all.Length), paging.IncludeCount ? all.Length : null);
            }));

    /// <summary>Project Owner (R13).</summary>
    [Function("createGroupEncryptionAtRestPrivateEndpoint")]
    public Task<IActionResult> Create([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path)] HttpRequest request, string groupId, string cloudProvider, [DurableClient] DurableTaskClient client)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, call =>
            Task.FromResult(Provider(cloudProvider))
                .ThenAsync(async provider => (await call.ReadAsync(PrivateEndpointBody.Parse)).Then(body => body.Complete(provider)))
                .ThenAsync(wish => wishes.CreateAsync(call.Project, call.Ids.New<PrivateEndpointId>(), wish.Provider, wish.RegionName, call.Caller.Name, call.Cancellation))
                .ThenAsync(async endpoint =>
                {
                    await waker.WakeAsync(endpoint.Ref, call.Cancellation);
                    return (Outcome<Reply>)Reply.Accepted(PrivateEndpointView.Of(endpoint), PrivateEndpointJson.Default.PrivateEndpointView);
                }));

    /// <summary>Project Owner (R13).</summary>
    [Function("getGroupEncryptionAtRestPrivateEndpoint")]
    public Task<IActionResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path + "/{endpointId}")] HttpRequest request, string groupId, string cloudProvider, string endpointId, [DurableClient] DurableTaskClient client)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, call => Task.FromResult(Provider(cloudProvider)).ThenAsync(async provider =>
            HexId.TryParse<PrivateEndpointId>(endpointId, out var id)
            && await endpoints.FindAsync(call.Project.Id, id, call.Cancellation) is { Document: var endpoint } && endpoint.Provider == provider
                ? Reply.Ok(PrivateEndpointView.Of(endpoint), PrivateEndpointJson.Default.PrivateEndpointView)
                : (Outcome<Reply>)new Problem.PrivateEndpointNotFound(endpointId, groupId)));

    /// <summary>Project Owner (R13). In any state; a GET right after it says DELETING or 404 (R74, spec atlas-ear §3.3).</summary>
    [Function("requestGroupEncryptionAtRestPrivateEndpointDeletion")]
    public Task<IActionResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Path + "/{endpointId}")] HttpRequest request, string groupId, string cloudProvider, string endpointId, [DurableClient] DurableTaskClient client)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, call => Task.FromResult(Provider(cloudProvider))
            .ThenAsync(provider => HexId.TryParse<PrivateEndpointId>(endpointId, out var id)
                ? wishes.DeleteAsync(call.Project.Id, provider, id, call.Caller.Name, call.Cancellation)
                : Task.FromResult<Outcome<PrivateEndpoint>>(new Problem.PrivateEndpointNotFound(endpointId, groupId)))
            .ThenAsync(async endpoint =>
            {
                await waker.WakeAsync(endpoint.Ref, call.Cancellation);
                return (Outcome<Reply>)Reply.Nothing();
            }));

    private static Outcome<KeyProvider> Provider(string text)
        => KeyProviders.FromAtlasName(text) is { } provider and not KeyProvider.Gcp ? provider : new Problem.InvalidField("cloudProvider", "AZURE or AWS.");
}
