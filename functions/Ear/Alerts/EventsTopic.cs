using System.Collections.Immutable;

namespace Ear.Alerts;

/// <summary>The topic that carries the events of all projects, as infra/modules/serviceBus.bicep makes it and as the broker of <c>ear up</c> keeps it.</summary>
public static class EventsTopic
{
    public const string Name = "ear-events";

    /// <summary>A constant, because a trigger names it in an attribute.</summary>
    public const string MailName = "mail";

    /// <inheritdoc cref="MailName"/>
    public const string WebhookName = "webhook";

    /// <summary>Somebody took an alert on.</summary>
    public const string Acknowledged = "ALERT_ACKNOWLEDGED_AUDIT";

    /// <summary>
    /// So long the topic drops an id that it has seen. Far longer than an announcement is tried again (30 s apart); and a dead letter is not
    /// sent again before its end, for it would be dropped.
    /// </summary>
    public static readonly TimeSpan DuplicateWindow = TimeSpan.FromHours(1);

    /// <summary>What the app mails about: only what can open an alert.</summary>
    public static Subscription Mail { get; } = new(MailName, AlertTypes.All);

    /// <summary>For the webhooks of alert configurations, apart: a receiver that does not answer delays no mail. That an alert is over has no event; the round of webhooks tells it.</summary>
    public static Subscription Webhook { get; } = new(WebhookName, [.. AlertTypes.All, Acknowledged]);

    /// <summary>For a SIEM outside of Ear, which reads every event; made only where there is one, since nobody else would empty it.</summary>
    public static Subscription Audit { get; } = new("audit", []);

    /// <summary>Those that functions of the app listen to.</summary>
    public static ImmutableArray<Subscription> OfTheApp { get; } = [Mail, Webhook];
}

/// <summary>Who hears which events.</summary>
/// <param name="Types">Values of the message's property <see cref="TypeProperty"/>; empty: all.</param>
public sealed record Subscription(string Name, ImmutableArray<string> Types)
{
    public const string TypeProperty = "type";

    /// <summary>The rule in Service Bus' filter language.</summary>
    public string SqlRule => Types.IsEmpty ? "1=1" : $"user.{TypeProperty} IN ('{string.Join("', '", Types)}')";
}
