using Ear.Alerts;
using Ear.Functions.Http;
using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.Alerts.Doors;

/// <summary>The events of a project: its audit trail (spec atlas-ear §2.9).</summary>
public sealed class EventsDoor(AtlasDoor door, IEvents events)
{
    private const string Path = "atlas/v2/groups/{groupId}/events";

    /// <summary>Project Read Only. Newest first.</summary>
    [Function("listGroupEvents")]
    public Task<IActionResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, call =>
            Task.FromResult(EventQuery.Of(request)).ThenAsync(async query =>
            {
                var paging = query.Paging;
                var (found, total) = await events.ListAsync(call.Project.Id, query.Filter, paging.Skip, paging.Size, call.Cancellation);
                var page = found.Select(e => EventView.Of(call.Project, e, $"{call.Url}/{e.Event.Id}", query.IncludeRaw)).ToArray();
                return (Outcome<Reply>)Reply.List(page, AlertJson.Default.EventView, call.PageLinks(paging, total, query.Links()), paging.IncludeCount ? total : null);
            }));

    /// <summary>Project Read Only.</summary>
    [Function("getGroupEvent")]
    public Task<IActionResult> Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path + "/{eventId}")] HttpRequest request, string groupId, string eventId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, call =>
            Task.FromResult(Query.Flag(request, "includeRaw", false)).ThenAsync(async raw =>
                HexId.TryParse<EventId>(eventId, out var id) && await events.FindAsync(call.Project.Id, id, call.Cancellation) is { } found
                    ? Reply.Ok(EventView.Of(call.Project, found, call.Url, raw), AlertJson.Default.EventView)
                    : (Outcome<Reply>)new Problem.ResourceNotFound(request.Path)));
}
