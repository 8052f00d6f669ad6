using System.Text.Json;
using Ear.Alerts;
using Ear.Alerts.Webhooks;
using Ear.Functions.Alerts.Doors;
using Ear.Functions.Http;
using Ear.Projects;
using Microsoft.Extensions.Options;

namespace Ear.Functions.Alerts;

/// <summary>What GET of the alert answers, and what Atlas adds in a message: a text for a person. The link needs <see cref="DoorOptions.PublicBaseUrl"/>; without it there is none.</summary>
internal sealed class AlertDocuments(IOptions<DoorOptions> options) : IAlertDocuments
{
    public ReadOnlyMemory<byte> Of(Project project, Alert alert)
    {
        var url = options.Value.PublicBaseUrl is { } home ? $"{home.GetLeftPart(UriPartial.Authority)}/api/atlas/v2/groups/{project.Id}/alerts/{alert.Id}" : null;
        var view = AlertView.Of(project, alert, url ?? "") with { HumanReadable = $"Project: {project.Name}\n{(alert.IsOver ? "Over. It was: " : "")}{alert.Subject}: {AlertMeaning.Of(alert)}" };
        return JsonSerializer.SerializeToUtf8Bytes(url is null ? view with { Links = [] } : view, AlertJson.Default.AlertView);
    }
}
