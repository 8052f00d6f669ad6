using Ear.Functions.Http;
using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.Projects;

/// <summary>
/// Who may reach a project's mongod by network is decided by that network, not by Ear: an entry that were kept here would look like a lock and be none. So
/// it is refused, in words that say so; clients that add their own address before they make a cluster go on after a warning (spec atlas-ear §3.8).
/// </summary>
public sealed class GroupAccessListDoor(AtlasDoor door)
{
    private const string Path = "atlas/v2/groups/{groupId}/accessList";

    private static readonly Problem.NotOffered Refusal = new("Ear keeps no IP access list: who reaches the nodes is decided by the firewall of the network that they stand in.");

    /// <summary>Project Read Only.</summary>
    [Function("listGroupAccessListEntries")]
    public Task<IActionResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, _ => Task.FromResult<Outcome<Reply>>(Refusal));

    /// <summary>Project Owner.</summary>
    [Function("createGroupAccessListEntry")]
    public Task<IActionResult> Create([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, _ => Task.FromResult<Outcome<Reply>>(Refusal));

    /// <summary>Project Read Only.</summary>
    [Function("getGroupAccessListEntry")]
    public Task<IActionResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path + "/{entryValue}")] HttpRequest request, string groupId, string entryValue)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, _ => Task.FromResult<Outcome<Reply>>(Refusal));

    /// <summary>Project Owner.</summary>
    [Function("deleteGroupAccessListEntry")]
    public Task<IActionResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Path + "/{entryValue}")] HttpRequest request, string groupId, string entryValue)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectOwner, _ => Task.FromResult<Outcome<Reply>>(Refusal));
}
