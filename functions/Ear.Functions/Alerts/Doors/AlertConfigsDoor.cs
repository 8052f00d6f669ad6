using Ear.Alerts;
using Ear.Alerts.Webhooks;
using Ear.Functions.Http;
using Ear.Functions.Http.Answers;
using Ear.Functions.Http.Requests;
using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.Alerts.Doors;

/// <summary>What a project is alerted of (spec atlas-ear §2.9).</summary>
public sealed class AlertConfigsDoor(AtlasDoor door, AlertConfigs configs, IWebhook webhook)
{
    private const string Path = "atlas/v2/groups/{groupId}/alertConfigs";
    private const string One = Path + "/{alertConfigId}";

    /// <summary>Project Read Only. Oldest first.</summary>
    [Function("listGroupAlertConfigs")]
    public Task<IActionResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, call =>
            Task.FromResult(Paging.Of(request)).ThenAsync(async paging =>
            {
                var all = await configs.ListAsync(call.Project, call.Cancellation);
                var page = all.Skip(paging.Skip).Take(paging.Size).Select(c => AlertConfigView.Of(c, $"{call.Url}/{c.Id}")).ToArray();
                return (Outcome<Reply>)Reply.List(page, AlertJson.Default.AlertConfigView, call.PageLinks(paging, all.Count), paging.IncludeCount ? all.Count : null);
            }));

    /// <summary>Project Alerts Manager.</summary>
    [Function("createGroupAlertConfig")]
    public Task<IActionResult> Create([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Path)] HttpRequest request, string groupId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectAlertsManager, call =>
            DraftAsync(call)
                .ThenAsync(draft => configs.CreateAsync(call.Project, call.Ids.New<AlertConfigId>(), draft, call.Caller.Name, call.Cancellation))
                .MapAsync(config => Answer(config, $"{call.Url}/{config.Id}")));

    /// <summary>Project Read Only.</summary>
    [Function("getGroupAlertConfig")]
    public Task<IActionResult> Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = One)] HttpRequest request, string groupId, string alertConfigId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectReadOnly, call =>
            Task.FromResult(Id(alertConfigId))
                .ThenAsync(id => configs.FindAsync(call.Project, id, call.Cancellation))
                .MapAsync(config => Answer(config, call.Url)));

    /// <summary>Project Alerts Manager. As a whole.</summary>
    [Function("updateGroupAlertConfig")]
    public Task<IActionResult> Replace([HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = One)] HttpRequest request, string groupId, string alertConfigId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectAlertsManager, call =>
            Task.FromResult(Id(alertConfigId))
                .ThenAsync(id => DraftAsync(call).ThenAsync(draft => configs.ReplaceAsync(call.Project, id, draft, call.Caller.Name, call.Cancellation)))
                .MapAsync(config => Answer(config, call.Url)));

    /// <summary>Project Alerts Manager. On or off, and nothing else.</summary>
    [Function("toggleGroupAlertConfig")]
    public Task<IActionResult> Toggle([HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = One)] HttpRequest request, string groupId, string alertConfigId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectAlertsManager, call =>
            Task.FromResult(Id(alertConfigId)).ThenAsync(id => call.ReadAsync(body => body.Flag("enabled"))
                .ThenAsync(async enabled => enabled is { } on
                    ? await configs.ToggleAsync(call.Project, id, on, call.Caller.Name, call.Cancellation)
                    : new Problem.MissingField("enabled")))
                .MapAsync(config => Answer(config, call.Url)));

    /// <summary>Project Alerts Manager.</summary>
    [Function("deleteGroupAlertConfig")]
    public Task<IActionResult> Delete([HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = One)] HttpRequest request, string groupId, string alertConfigId)
        => door.InProjectAsync(request, groupId, MediaVersions.First, Role.ProjectAlertsManager, call =>
            Task.FromResult(Id(alertConfigId))
                .ThenAsync(id => configs.DeleteAsync(call.Project, id, call.Caller.Name, call.Cancellation))
                .MapAsync(_ => Reply.Nothing()));

    internal static Outcome<AlertConfigId> Id(string text) => HexId.TryParse<AlertConfigId>(text, out var id) ? id : new Problem.InvalidAlertConfigId(text);

    private async Task<Outcome<AlertConfigDraft>> DraftAsync(ProjectCall call) => (await call.ReadAsync(AlertConfigBody.Parse)).Then(body => body.Complete(webhook));

    private static Reply Answer(AlertConfig config, string url) => Reply.Ok(AlertConfigView.Of(config, url), AlertJson.Default.AlertConfigView);
}
