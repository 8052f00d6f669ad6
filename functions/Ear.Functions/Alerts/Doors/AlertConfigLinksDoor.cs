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

/// <summary>Which alerts a configuration opened, for which configurations an alert is open, and what matchers may name.</summary>
public sealed class AlertConfigLinksDoor(AtlasDoor door, AlertConfigs configs, IAlerts alerts)
{
    private const string Group = "atlas/v2/groups/{groupId}";

    /// <summary>Project Read Only. Newest first.</summary>
    [Function("getGroupAlertConfigAlerts")]
    public Task<IActionResult> AlertsOf(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Group + "/alertConfigs/{alertConfigId}/alerts")] HttpRequest request, string groupId, string alertConfigId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, call =>
            Task.FromResult(Paging.Of(request)).ThenAsync(paging =>
                Task.FromResult(AlertConfigsDoor.Id(alertConfigId)).ThenAsync(id => configs.FindAsync(call.Project, id, call.Cancellation)).ThenAsync(async config =>
                {
                    var all = (await alerts.ListAsync(call.Project.Id, status: null, call.Cancellation)).Select(a => a.Document).Where(a => a.ConfigOrDefault == config.Id).ToList();
                    var page = AlertView.Newest(all).Skip(paging.Skip).Take(paging.Size).Select(a => AlertView.Of(call.Project, a, UrlOf(call, $"alerts/{a.Id}"))).ToArray();
                    return (Outcome<Reply>)Reply.List(page, AlertJson.Default.AlertView, call.PageLinks(paging, all.Count), paging.IncludeCount ? all.Count : null);
                })));

    /// <summary>Project Read Only. The one that it was opened for first; then the others of its type that are enabled.</summary>
    [Function("getGroupAlertAlertConfigs")]
    public Task<IActionResult> ConfigsOf(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Group + "/alerts/{alertId}/alertConfigs")] HttpRequest request, string groupId, string alertId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, call =>
            Task.FromResult(Paging.Of(request)).ThenAsync(async paging =>
            {
                if (!HexId.TryParse<AlertId>(alertId, out var id) || await alerts.FindAsync(call.Project.Id, id, call.Cancellation) is not { Document: var alert })
                    return new Problem.AlertNotFound(alertId, groupId);
                var all = (await configs.ListAsync(call.Project, call.Cancellation)).Where(c => c.Id == alert.ConfigOrDefault || (c.Enabled && c.Type == alert.Type))
                    .OrderBy(c => c.Id != alert.ConfigOrDefault).ToList();
                var page = all.Skip(paging.Skip).Take(paging.Size).Select(c => AlertConfigView.Of(c, UrlOf(call, $"alertConfigs/{c.Id}"))).ToArray();
                return (Outcome<Reply>)Reply.List(page, AlertJson.Default.AlertConfigView, call.PageLinks(paging, all.Count), paging.IncludeCount ? all.Count : null);
            }));

    /// <summary>Everybody.</summary>
    [Function("listAlertConfigMatcherFieldNames")]
    public Task<IActionResult> FieldNames([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "atlas/v2/alertConfigs/matchers/fieldNames")] HttpRequest request)
        => door.AnswerAsync(request, MediaVersions.First, _ => Task.FromResult((Outcome<Reply>)Reply.Ok([.. MatcherBody.FieldNames], AlertJson.Default.StringArray)));

    private static string UrlOf(ProjectCall call, string below) => call.Absolute($"{call.Request.PathBase}/api/atlas/v2/groups/{call.Project.Id}/{below}");
}
