using Ear.Alerts.Webhooks;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.Alerts;

/// <summary>Each minute: reminders and delayed messages of the open alerts, to webhooks.</summary>
public sealed class TellWebhooksOfAlerts(WebhookRound round)
{
    [Function(nameof(TellWebhooksOfAlerts))]
    public Task Run([TimerTrigger("45 * * * * *", UseMonitor = false)] TimerInfo timer, CancellationToken cancellation) => round.RunAsync(cancellation);
}
