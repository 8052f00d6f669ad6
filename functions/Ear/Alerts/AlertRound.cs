using Microsoft.Extensions.Logging;

namespace Ear.Alerts;

/// <summary>The alerts that somebody may have to be told of, of all projects: those that are open, and those that a webhook believes to be (<see cref="Alert.IsUnfinished"/>).</summary>
public interface IOpenAlerts
{
    /// <summary>A page may hold fewer than asked for, even none, though more come.</summary>
    /// <param name="continuation">Null for the first page; as the page before told.</param>
    Task<Page<Alert>> OpenAsync(string? continuation, int size, CancellationToken cancellation);
}

/// <summary>Looks at every open alert: reminders, delayed mails, and whatever an event's delivery missed.</summary>
public sealed class AlertRound(IOpenAlerts open, AlertMail mail, ILogger<AlertRound> logger)
{
    private const int PageSize = 500;

    /// <summary>One address that is refused must not silence the others; a server that refuses everything is left alone until the next round.</summary>
    private const int FaultsInARow = 3;

    /// <returns>How many mails were sent.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var (sent, faults) = (0, 0);
        string? next = null;
        do
        {
            var page = await open.OpenAsync(next, PageSize, cancellation);
            foreach (var alert in page.Items)
            {
                try
                {
                    sent += await mail.TellAsync(alert.ProjectId, alert.Id, cancellation);
                    faults = 0;
                }
                catch (IOException fault)
                {
                    Log.AlertNotMailed(logger, alert.Id.Value, alert.ProjectId.Value, fault);
                    if (++faults == FaultsInARow)
                        return sent;
                }
            }
            next = page.Continuation;
        }
        while (next is not null);
        return sent;
    }
}

/// <summary>Events 750 to 799.</summary>
internal static partial class Log
{
    [LoggerMessage(750, LogLevel.Warning, "Alert {Alert} of project {Project} could not be mailed; the next round tries again")]
    public static partial void AlertNotMailed(ILogger logger, string alert, string project, Exception fault);

    [LoggerMessage(751, LogLevel.Warning, "Webhooks of alert {Alert} of project {Project} could not be told; the next round tries again")]
    public static partial void WebhooksNotTold(ILogger logger, string alert, string project, Exception fault);

    [LoggerMessage(752, LogLevel.Warning, "Webhook {Notifier} refused alert {Alert} of project {Project} for good: {Why} It is told again with its next reminder, if it has one")]
    public static partial void WebhookRefused(ILogger logger, string notifier, string alert, string project, string why);
}
