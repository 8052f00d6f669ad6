using Ear.Outcomes;
using Ear.Projects;

namespace Ear.Alerts;

/// <summary>Somebody takes an open alert on, or gives it back: while it is acknowledged, nobody is reminded of it.</summary>
public sealed class AlertAcknowledgement(IAlerts alerts, EventFactory events)
{
    /// <param name="until">Null, or a time that is over: nobody looks after it any more.</param>
    public async Task<Outcome<Alert>> ApplyAsync(ProjectId project, AlertId id, DateTimeOffset? until, string? comment, string actor, CancellationToken cancellation)
    {
        if (await alerts.FindAsync(project, id, cancellation) is not { Document: { } alert } stored)
            return new Problem.AlertNotFound(id.Value, project.Value);
        if (alert.Status is not (AlertStatus.Open or AlertStatus.Tracking))
            return new Problem.AlertNotOpen(id.Value);
        var now = events.Now;
        var after = until > now
            ? alert with { AcknowledgedUntil = until, AcknowledgementComment = comment, AcknowledgedBy = actor }
            : alert with { AcknowledgedUntil = null, AcknowledgementComment = null, AcknowledgedBy = null };
        if (after == alert)
            return alert;
        after = after with { Updated = now };
        var told = events.Make(project, after.AcknowledgedUntil is null ? "ALERT_UNACKNOWLEDGED_AUDIT" : EventsTopic.Acknowledged, actor,
            new(AlertDetails.AlertId, id.Value), new KeyValuePair<string, string>(AlertDetails.EventType, alert.Type));
        return (await alerts.SaveAsync(after, stored.Version, [told], cancellation)).Saved ? after : new Problem.Conflict($"Alert {id}");
    }
}
