using Microsoft.Extensions.Logging;

namespace Ear.Alerts;

/// <summary>The alerts that somebody may have to be told of, of all projects: those that are open, and those that a webhook believes to be (<see cref="Alert.IsUnfinished"/>).</summary>
public interface IOpenAlerts
{
    /// <summary>Always in one order. A page may hold fewer than asked for, even none, though more come.</summary>
    /// <param name="continuation">Null for the first page; as the page before told, or <see cref="Behind"/>.</param>
    Task<Page<Alert>> OpenAsync(string? continuation, int size, CancellationToken cancellation);

    /// <summary>The continuation of whoever goes on behind this alert, whether or not it is still among them.</summary>
    string Behind(Alert alert);
}

/// <summary>Looks at every open alert: reminders, delayed mails, and whatever an event's delivery missed.</summary>
public sealed class AlertRound(IOpenAlerts open, AlertMail mail, IIds ids, ILogger<AlertRound> logger)
{
    private const int PageSize = 500;

    /// <summary>A server may take up to its timeout to refuse a mail: 20 of 30 s each are over within ten minutes.</summary>
    private const int MostFaults = 20;

    private readonly AlertsInTurn _alerts = new(open, ids);

    /// <returns>How many mails were sent.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var (sent, looked, faults) = (0, 0, 0);
        await foreach (var page in _alerts.AroundAsync(PageSize, cancellation))
        {
            foreach (var alert in page)
            {
                _alerts.LookedAt(alert);
                looked++;
                try
                {
                    sent += await mail.TellAsync(alert.ProjectId, alert.Id, cancellation);
                }
                catch (MailServerAwayException fault)
                {
                    Log.MailRoundEndedEarly(logger, looked, fault);
                    return sent;
                }
                // A fault of Ear's own too: one alert that cannot be looked at must not cost those behind it their turn.
                catch (Exception fault) when (!cancellation.IsCancellationRequested)
                {
                    Log.AlertNotMailed(logger, alert.Id.Value, alert.ProjectId.Value, fault);
                    if (++faults < MostFaults)
                        continue;
                    Log.RoundEndedEarly(logger, "mails", faults);
                    return sent;
                }
            }
        }
        return sent;
    }
}
