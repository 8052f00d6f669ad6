using Ear.Alerts;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.Alerts;

/// <summary>Each minute: reminders and delayed mails of the open alerts.</summary>
public sealed class TellOfAlerts(AlertRound round)
{
    [Function(nameof(TellOfAlerts))]
    public Task Run([TimerTrigger("30 * * * * *", UseMonitor = false)] TimerInfo timer, CancellationToken cancellation) => round.RunAsync(cancellation);
}
