using System.Collections.Concurrent;
using Ear.Projects;
using Microsoft.Extensions.Logging;

namespace Ear.Alerts.Webhooks;

/// <summary>
/// Looks at every unfinished alert, as <see cref="AlertRound"/> does for mails: reminders, delayed messages, ends, and whatever an event's delivery missed. Apart from the
/// mails, which must not wait for somebody's receiver; and projects side by side, for the same reason.
/// </summary>
public sealed class WebhookRound(IOpenAlerts open, AlertWebhooks webhooks, ILogger<WebhookRound> logger)
{
    private const int PageSize = 500;
    private const int ProjectsAtOnce = 8;

    /// <summary>A round in which so many cannot be told ends, for something is wrong here; the next begins anew.</summary>
    private const int MostFaults = 200;

    /// <returns>How many messages were taken.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var taken = 0;
        // A project in which somebody cannot be told has its turn again in the next round.
        var failed = new ConcurrentDictionary<ProjectId, bool>();
        string? next = null;
        do
        {
            var page = await open.OpenAsync(next, PageSize, cancellation);
            var options = new ParallelOptions { MaxDegreeOfParallelism = ProjectsAtOnce, CancellationToken = cancellation };
            await Parallel.ForEachAsync(page.Items.GroupBy(a => a.ProjectId), options, async (project, stop) =>
            {
                foreach (var alert in project)
                {
                    if (failed.ContainsKey(project.Key) || failed.Count >= MostFaults)
                        return;
                    try
                    {
                        Interlocked.Add(ref taken, await webhooks.TellAsync(alert.ProjectId, alert.Id, stop));
                    }
                    catch (IOException fault)
                    {
                        Log.WebhooksNotTold(logger, alert.Id.Value, alert.ProjectId.Value, fault);
                        failed[project.Key] = true;
                    }
                }
            });
            next = page.Continuation;
        }
        while (next is not null && failed.Count < MostFaults);
        return taken;
    }
}
