using System.Collections.Concurrent;
using System.Collections.Immutable;
using Ear.Projects;
using Microsoft.Extensions.Logging;

namespace Ear.Alerts.Webhooks;

/// <summary>
/// Tells webhooks of alerts: what is due (<see cref="AlertTelling"/>) is posted, then marked in the alert. If we die in between, it is posted again under the
/// same id. Who refuses a message for good is marked too, and hears of the alert again only with its next reminder, if it has one. One receiver that does
/// not answer keeps no other from being told.
/// </summary>
public sealed class AlertWebhooks(AlertTellings tellings, WebhookAddresses addresses, IWebhook webhook, IAlertDocuments documents, ILogger<AlertWebhooks> logger)
{
    /// <summary>25 that do not answer within 10 s each are over within a minute.</summary>
    private const int AtOnce = 8;

    private const string Opened = "alert.open";
    private const string StillOpen = "alert.update";

    /// <inheritdoc cref="AlertTellings.OfAsync"/>
    /// <returns>How many took it.</returns>
    /// <exception cref="IOException">Somebody has to be told later: deliver the event again.</exception>
    public async Task<int> TellAsync(ProjectEvent told, CancellationToken cancellation)
    {
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

    /// <returns>How many took it.</returns>
    /// <exception cref="IOException">Somebody could not be told; the others were.</exception>
    public async Task<int> TellAsync(ProjectId projectId, AlertId id, CancellationToken cancellation)
    {
        if (await tellings.DueAsync(projectId, id, n => n.To is Addressee.Webhook, cancellation) is not { Due.IsEmpty: false } told)
            return 0;
        var body = documents.Of(told.Project, told.Alert);
        var answers = new ConcurrentDictionary<string, WebhookAnswer>(StringComparer.Ordinal);
        var faults = new ConcurrentQueue<IOException>();
        await Parallel.ForEachAsync(told.Due, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (due, stop) =>
        {
            try
            {
                answers[due.Notification.NotifierId] = await PostAsync(told.Alert, due, body, stop);
            }
            catch (IOException fault)
            {
                faults.Enqueue(fault);
            }
        });
        if (!answers.IsEmpty)
            await tellings.MarkAsync(told.Alert, [.. answers.Keys], cancellation);
        foreach (var (notifier, refused) in answers.Select(a => (a.Key, a.Value as WebhookAnswer.Refused)))
        {
            if (refused is not null)
                Log.WebhookRefused(logger, notifier, id.Value, projectId.Value, refused.Why);
        }
        return faults.TryPeek(out var first)
            ? throw new IOException($"{faults.Count} of {told.Due.Length} webhooks of alert {id} could not be told. {first.Message}")
            : answers.Values.Count(a => a is WebhookAnswer.Taken);
    }

    private async Task<WebhookAnswer> PostAsync(Alert alert, DueTelling due, ReadOnlyMemory<byte> body, CancellationToken cancellation)
        => await addresses.FindAsync(due.Notification.Webhook!.SecretName, cancellation) is { } address
            ? await webhook.PostAsync(address, new(due.IdIn(alert), due.Last is null ? Opened : StillOpen, body), cancellation)
            : new WebhookAnswer.Refused("Its address is not kept any more: set the notification again.");
}
