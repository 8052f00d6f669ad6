using Ear.CustomerKeys.Validation;

namespace Ear.Alerts;

/// <param name="Last">When it was told before; null: the first time.</param>
public sealed record DueTelling(AlertConfig Config, AlertNotification Notification, DateTimeOffset? Last)
{
    /// <summary>It was told that the alert was over, which opened again since; null: it was not.</summary>
    public DateTimeOffset? Over { get; init; }

    /// <summary>The same for the same telling however often it is tried, another one for each reminder.</summary>
    public string IdIn(Alert alert) => CausedEvents.HexOf("alert-mail", alert.Id.Value, Config.Id.Value, Notification.NotifierId, $"{Last?.UtcTicks}{(Over is { } over ? $"/{over.UtcTicks}" : "")}");
}

/// <summary>
/// Who is to be told of an alert now. Pure. Open: each notification of each configuration that applies, once after its delay, then
/// again after each interval. Acknowledged: nobody, until that ends. Resolved: nobody. Who could not be told waits longer each time (<see cref="FailedTelling"/>).
/// </summary>
public static class AlertTelling
{
    /// <summary>
    /// The owners hear of a shut-down by a mail of its own that names the clusters (<see cref="ShutDownMail"/>), which is their first mail
    /// of this alert too; it gets this much time to be sent. Without clusters there is none, and the alert's own follows.
    /// </summary>
    public static readonly TimeSpan ShutDownMailFirst = TimeSpan.FromMinutes(5);

    /// <param name="shutDown">The alert is about an invalid key for which clusters are down. Owners who hear of that hear nothing of the invalid key beside it: one cause, one mail (R42).</param>
    public static IEnumerable<DueTelling> Due(Alert alert, IReadOnlyList<AlertConfig> configs, bool shutDown, DateTimeOffset now)
    {
        if (alert.Status is not AlertStatus.Open || alert.AcknowledgedUntil > now)
            yield break;
        var ownersHearOfShutDown = shutDown && configs.Any(c => c.Type is KeyNews.ConfigNoLongerValid && c.Applies(null, now) && c.Notifications.Any(n => n.To is Addressee.Group));
        foreach (var config in configs.Where(c => c.Type == alert.Type && c.Applies(alert.AgeFrom, now)))
        {
            foreach (var notification in config.Notifications.Where(n => !(ownersHearOfShutDown && n.To is Addressee.Group)))
            {
                var last = LastTold(alert, notification);
                if (DueAt(alert, notification, last) <= now && alert.FailureOf(notification.NotifierId)?.Waits(now) is not true)
                    yield return new DueTelling(config, notification, last) { Over = alert.OverAt(notification.NotifierId) };
            }
        }
    }

    // What was told before the alert was over is over too.
    private static DateTimeOffset? LastTold(Alert alert, AlertNotification notification)
        => alert.ToldAt(notification.NotifierId) is { } at && !(alert.OverAt(notification.NotifierId) >= at)
            ? at
            : IsTheShutDownMails(alert, notification) ? alert.OwnersToldOfShutDown : null;

    private static DateTimeOffset? DueAt(Alert alert, AlertNotification notification, DateTimeOffset? last)
    {
        if (last is { } told)
            return notification.IntervalMin is { } interval ? told + TimeSpan.FromMinutes(interval) : null;
        var delay = TimeSpan.FromMinutes(notification.DelayMin);
        return alert.Created + (IsTheShutDownMails(alert, notification) && delay < ShutDownMailFirst ? ShutDownMailFirst : delay);
    }

    private static bool IsTheShutDownMails(Alert alert, AlertNotification notification)
        => alert.Type is KeyNews.ConfigNoLongerValid && notification.To is Addressee.Group;
}
