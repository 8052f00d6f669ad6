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

/// <summary>The alerts of a project (spec atlas-ear §2.9).</summary>
public sealed class AlertsDoor(AtlasDoor door, IAlerts alerts, AlertAcknowledgement acknowledgement)
{
    private const string Path = "atlas/v2/groups/{groupId}/alerts";
    private static readonly MediaVersions Acknowledging = new MediaVersions("2024-05-30").Deprecated("2023-01-01", sunset: "2027-07-01");

    /// <summary>Project Read Only. Newest first.</summary>
    [Function("listGroupAlerts")]
    public Task<IActionResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, call =>
            Task.FromResult(Paging.Of(request).Then(paging => Status(request).Map(status => (paging, status)))).ThenAsync(async asked =>
            {
                var (paging, status) = asked;
                var all = await alerts.ListAsync(call.Project.Id, status.Only, call.Cancellation);
                var page = AlertView.Newest(all.Select(a => a.Document))
                    .Skip(paging.Skip).Take(paging.Size).Select(a => AlertView.Of(call.Project, a, $"{call.Url}/{a.Id}")).ToArray();
                var filter = status.Only is { } only ? $"&status={AlertView.Name(only)}" : "";
                return (Outcome<Reply>)Reply.List(page, AlertJson.Default.AlertView, call.PageLinks(paging, all.Count, filter), paging.IncludeCount ? all.Count : null);
            }));

    /// <summary>Project Read Only.</summary>
    [Function("getGroupAlert")]
    public Task<IActionResult> Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path + "/{alertId}")] HttpRequest request, string groupId, string alertId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, async call =>
            HexId.TryParse<AlertId>(alertId, out var id) && await alerts.FindAsync(call.Project.Id, id, call.Cancellation) is { Document: var alert }
                ? Reply.Ok(AlertView.Of(call.Project, alert, call.Url), AlertJson.Default.AlertView)
                : new Problem.AlertNotFound(alertId, groupId));

    /// <summary>Project Alerts Manager.</summary>
    [Function("acknowledgeGroupAlert")]
    public Task<IActionResult> Acknowledge([HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = Path + "/{alertId}")] HttpRequest request, string groupId, string alertId)
        => door.InProjectAsync(request, groupId, Acknowledging, Role.ProjectAlertsManager, call =>
            call.ReadAsync(body => AcknowledgementBody.Parse(body, call.Form.Value.Version))
                .ThenAsync(body => Task.FromResult(body.Complete()))
                .ThenAsync(async body => HexId.TryParse<AlertId>(alertId, out var id)
                    ? await acknowledgement.ApplyAsync(call.Project.Id, id, body.Until, body.Comment, call.Caller.Name, call.Cancellation)
                    : new Problem.AlertNotFound(alertId, groupId))
                .MapAsync(alert => Reply.Ok(AlertView.Of(call.Project, alert, call.Url), AlertJson.Default.AlertView)));

    private static Outcome<StatusFilter> Status(HttpRequest request)
    {
        var text = request.Query["status"].ToString();
        if (text.Length == 0)
            return new StatusFilter(null);
        return Enum.GetValues<AlertStatus>().Where(s => AlertView.Name(s) == text).Select(s => (AlertStatus?)s).FirstOrDefault() is { } status
            ? new StatusFilter(status)
            : new Problem.InvalidField("status", "OPEN, TRACKING or CLOSED.");
    }

    /// <param name="Only">Null: all.</param>
    private sealed record StatusFilter(AlertStatus? Only);
}
