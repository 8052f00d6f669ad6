using Ear.Alerts;
using Ear.Alerts.Webhooks;
using Ear.Functions.Http.Answers;

namespace Ear.Functions.Alerts.Doors;

internal sealed record AlertConfigView(
    string Id,
    string GroupId,
    string EventTypeName,
    bool Enabled,
    IReadOnlyList<NotificationView> Notifications,
    IReadOnlyList<string> Matchers,
    ThresholdView? Threshold,
    string? SeverityOverride,
    string Created,
    string Updated,
    IReadOnlyList<Link> Links)
{
    public static AlertConfigView Of(AlertConfig config, string url) => new(
        config.Id.Value,
        config.ProjectId.Value,
        config.Type,
        config.Enabled,
        [.. config.Notifications.Select(NotificationView.Of)],
        [],
        config.ThresholdDays is { } days ? new ThresholdView("GREATER_THAN", "DAYS", days) : null,
        config.Severity?.ToString().ToUpperInvariant(),
        AtlasTime.Format(config.Created),
        AtlasTime.Format(config.Updated),
        [new Link(url, "self")]);
}

internal sealed record ThresholdView(string Operator, string Units, int Threshold);

internal sealed record NotificationView(
    string TypeName, string NotifierId, int? IntervalMin, int DelayMin, bool? EmailEnabled, bool? SmsEnabled, IReadOnlyList<string>? Roles, string? EmailAddress)
{
    /// <summary>Never the whole address: scheme and host.</summary>
    public string? WebhookUrl { get; init; }

    public string? WebhookSecret { get; init; }

    public static NotificationView Of(AlertNotification notification) => notification.To switch
    {
        Addressee.Group => new("GROUP", notification.NotifierId, notification.IntervalMin, notification.DelayMin, true, false, notification.Roles, null),
        Addressee.Email => new("EMAIL", notification.NotifierId, notification.IntervalMin, notification.DelayMin, null, null, null, notification.EmailAddress),
        Addressee.Webhook => new("WEBHOOK", notification.NotifierId, notification.IntervalMin, notification.DelayMin, null, null, null, null)
        {
            WebhookUrl = notification.Webhook!.Shown,
            WebhookSecret = notification.Webhook.IsSigned ? WebhookAddress.Hidden : null,
        },
        _ => throw new ArgumentOutOfRangeException(nameof(notification), notification, null),
    };
}
