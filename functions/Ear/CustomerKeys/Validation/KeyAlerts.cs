using System.Globalization;
using Ear.Alerts;
using Ear.Projects;

namespace Ear.CustomerKeys.Validation;

/// <summary>
/// The alerts that follow from a project's standings and its alert configurations: what should be open is a function of them, and this
/// makes it so. A projection, not a reaction: it may run twice, or late after a crash, and ends the same.
/// </summary>
public sealed class KeyAlerts(IAlerts alerts, IAlertConfigs configs, TimeProvider time)
{
    public async Task SyncAsync(Project project, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var conditions = KeyCondition.Of(project, now).ToDictionary(c => (c.Type, c.Subject));
        var unresolved = (await alerts.ListAsync(project.Id, status: null, cancellation)).Where(a => a.Document.Status is AlertStatus.Open or AlertStatus.Tracking).ToList();
        if (conditions.Count == 0 && unresolved.Count == 0)
            return;
        var wanted = (await configs.OfAsync(project, cancellation)).Select(c => c.Document).ToList();
        foreach (var (alert, version) in unresolved.Where(a => AlertTypes.All.Contains(a.Document.Type)))
        {
            conditions.Remove((alert.Type, alert.Subject), out var condition);
            // A conflict is somebody who acknowledged it, or the same projection beside us; the next check is soon enough.
            if (Followed(alert, condition, wanted, now) is { } changed)
                await alerts.SaveAsync(changed, version, [], cancellation);
        }
        foreach (var condition in conditions.Values)
        {
            if (condition.LeadingIn(wanted, now) is { } config)
                await OpenAsync(project.Id, condition, config, now, cancellation);
        }
    }

    /// <summary>
    /// What becomes of an open alert. Its condition is gone, or is of another key by now: closed. The condition is there and nobody wants
    /// to hear of it any more: cancelled (R101). Another configuration leads: it is that one's. Null: it stays.
    /// </summary>
    private static Alert? Followed(Alert alert, KeyCondition? condition, IReadOnlyList<AlertConfig> wanted, DateTimeOffset now)
    {
        if (condition is null || condition.AgeFrom != alert.AgeFrom)
            return alert with { Status = AlertStatus.Closed, Updated = now, Resolved = now };
        if (condition.LeadingIn(wanted, now) is not { } config)
            return alert with { Status = AlertStatus.Cancelled, Updated = now, Resolved = now };
        return alert.ConfigId == config.Id ? null : alert with { ConfigId = config.Id, Updated = now };
    }

    // It may be there already: made by the mail of a shut-down, or cancelled and wanted again.
    private async Task OpenAsync(ProjectId project, KeyCondition condition, AlertConfig config, DateTimeOffset now, CancellationToken cancellation)
    {
        var alert = new Alert(condition.AlertId, project, condition.Type, condition.Subject, AlertStatus.Open, now, now) { ConfigId = config.Id, AgeFrom = condition.AgeFrom };
        if (await alerts.FindAsync(project, alert.Id, cancellation) is { Document.Status: AlertStatus.Closed or AlertStatus.Cancelled } resolved)
            await alerts.SaveAsync(resolved.Document with { Status = AlertStatus.Open, Updated = now, Resolved = null, ConfigId = config.Id, Failed = null }, resolved.Version, [], cancellation);
        else
            await alerts.SaveAsync(alert, expectedVersion: 0, Told(project, condition, now), cancellation);
    }

    // The other conditions are told of with the standing that they follow from; a key's age is told of by nobody else.
    private static IReadOnlyList<ProjectEvent> Told(ProjectId project, KeyCondition condition, DateTimeOffset now)
        => condition.AgeFrom is not { } from
            ? []
            : [CausedEvents.Of(project, condition.Type, $"{condition.Subject}/{from.UtcTicks}", now,
                (KeyNews.ProviderDetail, condition.Subject), (AlertDetails.KeySetAt, from.ToString("O", CultureInfo.InvariantCulture)))];
}
