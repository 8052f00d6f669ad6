using System.Collections.Concurrent;
using Ear.Projects;
using Microsoft.Extensions.Logging;

namespace Ear.Alerts.Webhooks;

/// <summary>
/// Tells webhooks of alerts: what is due (<see cref="AlertTelling"/>) is posted, then marked in the alert. If we die in between, it is posted again under the
/// same id. Who refuses a message for good is marked too, and hears of the alert again only with its next reminder, if it has one. Who took it hears of the
/// end, and of somebody who takes the alert on. One receiver that does not answer keeps no other from being told, and is tried again with growing waits (<see cref="FailedTelling"/>).
/// </summary>
public sealed class AlertWebhooks(AlertTellings tellings, WebhookAddresses addresses, IWebhook webhook, IAlertDocuments documents, ILogger<AlertWebhooks> logger)
{
    /// <summary>A receiver that is away for so long after the end need not hear of it any more. It is tried once at least.</summary>
    public static readonly TimeSpan EndIsNews = TimeSpan.FromDays(1);

    /// <summary>25 that do not answer within 10 s each are over within a minute.</summary>
    private const int AtOnce = 8;

    /// <returns>How many took it.</returns>
    /// <exception cref="IOException">Somebody has to be told later: deliver the event again.</exception>
    public async Task<int> TellAsync(ProjectEvent told, CancellationToken cancellation)
    {
        if (told.Type is EventsTopic.Acknowledged)
            return await TellOfAcknowledgementAsync(told, cancellation);
        var (taken, faults) = (0, new List<IOException>());
        foreach (var alert in await tellings.OfAsync(told, cancellation))
        {
            try
            {
                taken += await TellAsync(told.ProjectId, alert, cancellation);
            }
            catch (IOException fault)
            {
                faults.Add(fault);
            }
        }
        return faults.Count == 0 ? taken : throw faults[0];
    }

    /// <returns>How many took what was due of it.</returns>
    /// <exception cref="IOException">Somebody could not be told; the others were.</exception>
    public async Task<int> TellAsync(ProjectId projectId, AlertId id, CancellationToken cancellation)
    {
        if (await tellings.DueAsync(projectId, id, n => n.To is Addressee.Webhook, cancellation) is not { } told)
            return 0;
        if (told.Alert.IsOver)
            return await TellOfEndAsync(told, cancellation);
        var posts = told.Due.Select(d => new Post(d.Notification, d.IdIn(told.Alert), d.Last is null ? "alert.open" : "alert.update"));
        var (answers, faults) = await PostAsync(told, posts, cancellation);
        if (answers.Count + faults.Count > 0)
        {
            await tellings.MarkAsync(told.Alert, (alert, now) => faults.Aggregate(
                answers.Aggregate(alert, (a, answer) => answer.Value is WebhookAnswer.Taken ? a.Told(answer.Key, now).TakenBy(answer.Key) : a.Told(answer.Key, now)),
                (a, fault) => tellings.NotTold(a, fault.To, now)), cancellation);
        }
        return Told(told.Alert, answers, faults);
    }

    private async Task<int> TellOfEndAsync(DueTellings told, CancellationToken cancellation)
    {
        var alert = told.Alert;
        if (alert is not { OpenTo: { IsEmpty: false } openTo, Resolved: { } resolved })
            return 0;
        var now = tellings.Now;
        var owed = told.Reachable.Where(n => openTo.Contains(n.NotifierId) && (now - resolved < EndIsNews || !(alert.FailureOf(n.NotifierId)?.Last >= resolved))).ToList();
        var posts = owed.Where(n => alert.FailureOf(n.NotifierId)?.Waits(now) is not true)
            .Select(n => new Post(n, CausedEvents.HexOf("alert-over", alert.Id.Value, n.NotifierId, $"{resolved.UtcTicks}"), alert.Status is AlertStatus.Closed ? "alert.close" : "alert.cancel"));
        var (answers, faults) = await PostAsync(told, posts, cancellation);
        // Who is no more in any configuration, or was away for too long, is told nothing.
        var done = openTo.Except(owed.Select(n => n.NotifierId)).Union(answers.Keys);
        if (!done.IsEmpty || faults.Count > 0)
        {
            await tellings.MarkAsync(alert, (marked, at) => faults.Aggregate(
                done.Aggregate(marked, (a, notifier) => a.ToldOver(notifier, at)), (a, fault) => tellings.NotTold(a, fault.To, at)), cancellation);
        }
        return Told(alert, answers, faults);
    }

    /// <summary>Not marked: told twice, it has the same id.</summary>
    private async Task<int> TellOfAcknowledgementAsync(ProjectEvent told, CancellationToken cancellation)
    {
        if (!HexId.TryParse<AlertId>(told.Details.GetValueOrDefault(AlertDetails.AlertId), out var id)
            || await tellings.DueAsync(told.ProjectId, id, n => n.To is Addressee.Webhook, cancellation) is not { } found
            || found.Alert is not { IsOver: false, AcknowledgedUntil: not null, OpenTo: { } openTo })
            return 0;
        var posts = found.Reachable.Where(n => openTo.Contains(n.NotifierId))
            .Select(n => new Post(n, CausedEvents.HexOf("alert-acknowledged", told.Id.Value, n.NotifierId), "alert.acknowledge"));
        var (answers, faults) = await PostAsync(found, posts, cancellation);
        return Told(found.Alert, answers, faults);
    }

    private async Task<(IReadOnlyDictionary<string, WebhookAnswer> Answers, IReadOnlyCollection<Fault> Faults)> PostAsync(
        DueTellings told, IEnumerable<Post> posts, CancellationToken cancellation)
    {
        var body = documents.Of(told.Project, told.Alert);
        var answers = new ConcurrentDictionary<string, WebhookAnswer>(StringComparer.Ordinal);
        var faults = new ConcurrentQueue<Fault>();
        await Parallel.ForEachAsync(posts, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (post, stop) =>
        {
            try
            {
                answers[post.To.NotifierId] = await addresses.FindAsync(post.To.Webhook!.SecretName, stop) is { } address
                    ? await webhook.PostAsync(address, new(post.Id, post.Event, body), stop)
                    : new WebhookAnswer.Refused("Its address is not kept any more: set the notification again.");
            }
            catch (IOException fault)
            {
                faults.Enqueue(new(post.To, fault));
            }
        });
        return (answers, faults);
    }

    /// <summary>After what was told is marked.</summary>
    private int Told(Alert alert, IReadOnlyDictionary<string, WebhookAnswer> answers, IReadOnlyCollection<Fault> faults)
    {
        foreach (var (notifier, answer) in answers)
        {
            if (answer is WebhookAnswer.Refused refused)
                Log.WebhookRefused(logger, notifier, alert.Id.Value, alert.ProjectId.Value, refused.Why);
        }
        return faults.Count == 0
            ? answers.Values.Count(a => a is WebhookAnswer.Taken)
            : throw new IOException($"{faults.Count} of {faults.Count + answers.Count} webhooks of alert {alert.Id} could not be told. {faults.First().Cause.Message}");
    }

    private sealed record Fault(AlertNotification To, IOException Cause);

    private sealed record Post(AlertNotification To, string Id, string Event);
}
