using Microsoft.Extensions.Logging;

namespace Ear.Alerts.Webhooks;

/// <summary>
/// Looks at every unfinished alert, as <see cref="AlertRound"/> does for mails: reminders, delayed messages, ends, and whatever an event's delivery missed. Apart from the
/// mails, which must not wait for somebody's receiver; and projects side by side, for the same reason.
/// </summary>
public sealed class WebhookRound(IOpenAlerts open, AlertWebhooks webhooks, IIds ids, ILogger<WebhookRound> logger)
{
    /// <summary>Small, for a round ends only between pages: 100 projects whose receivers do not answer within 10 s are over within some two minutes.</summary>
    private const int PageSize = 100;
    private const int ProjectsAtOnce = 8;

    /// <summary>A round in which so many cannot be told ends, for it would take too long; the next begins behind them.</summary>
    private const int MostFaults = 200;

    private readonly AlertsInTurn _alerts = new(open, ids);

    /// <returns>How many messages were taken.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var (taken, faults) = (0, 0);
        var options = new ParallelOptions { MaxDegreeOfParallelism = ProjectsAtOnce, CancellationToken = cancellation };
        await foreach (var page in _alerts.AroundAsync(PageSize, cancellation))
        {
            _alerts.LookedAt(page[^1]);
            await Parallel.ForEachAsync(page.GroupBy(a => a.ProjectId), options, async (project, stop) =>
            {
                foreach (var alert in project)
                {
                    try
                    {
                        Interlocked.Add(ref taken, await webhooks.TellAsync(alert.ProjectId, alert.Id, stop));
                    }
                    // A fault of Ear's own too: one alert that cannot be looked at must not cost the others their turn.
                    catch (Exception fault) when (!stop.IsCancellationRequested)
                    {
                        Log.WebhooksNotTold(logger, alert.Id.Value, alert.ProjectId.Value, fault);
                        Interlocked.Increment(ref faults);
                    }
                }
            });
            if (faults < MostFaults)
                continue;
            Log.RoundEndedEarly(logger, "webhooks", faults);
            break;
        }
        return taken;
    }
}
