using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Ear.Projects;
using Microsoft.Extensions.Logging;

namespace Ear.Alerts;

/// <summary>
/// Mails of alerts: what is due (<see cref="AlertTelling"/>) is sent, then marked in the alert. If we die in between, it goes out again
/// under the same Message-ID. An address that is refused for good counts as told, and is tried again with its next reminder; one that is refused for now is
/// tried again with growing waits. Neither keeps the others from being told.
/// </summary>
public sealed class AlertMail(AlertTellings tellings, IMail mail, ILogger<AlertMail> logger)
{
    /// <inheritdoc cref="AlertTellings.OfAsync"/>
    /// <returns>How many mails were sent.</returns>
    /// <exception cref="IOException">Somebody could not be mailed: deliver the event again later.</exception>
    public async Task<int> TellAsync(ProjectEvent told, CancellationToken cancellation)
    {
        var (sent, faults) = (0, new List<IOException>());
        foreach (var alert in await tellings.OfAsync(told, cancellation))
        {
            try
            {
                sent += await TellAsync(told.ProjectId, alert, cancellation);
            }
            catch (IOException fault) when (fault is not MailServerAwayException)
            {
                faults.Add(fault);
            }
        }
        return faults.Count == 0 ? sent : throw faults[0];
    }

    /// <returns>How many mails were sent.</returns>
    /// <exception cref="MailServerAwayException">The others were not tried.</exception>
    /// <exception cref="IOException">Somebody could not be mailed; the others were.</exception>
    public async Task<int> TellAsync(ProjectId projectId, AlertId id, CancellationToken cancellation)
    {
        if (await tellings.DueAsync(projectId, id, n => n.To is not Addressee.Webhook, cancellation) is not { } told)
            return 0;
        var (sent, faults) = (0, new List<IOException>());
        foreach (var due in told.Due)
        {
            if (AddressesOf(told.Project, due.Notification) is not { IsEmpty: false } to)
                continue;
            var (answer, fault) = await TryAsync(Compose(told.Project, told.Alert, due, to), cancellation);
            await tellings.MarkAsync(told.Alert, (alert, now) => fault is null ? alert.Told(due.Notification.NotifierId, now) : tellings.NotTold(alert, due.Notification, now), cancellation);
            if (fault is not null)
                faults.Add(fault);
            else
                sent += Heard(answer!, told.Alert);
        }
        return faults.Count == 0 ? sent : throw new IOException($"{faults.Count} of {told.Due.Length} mails of alert {id} could not be sent. {faults[0].Message}", faults[0]);
    }

    private async Task<(MailAnswer? Answer, IOException? Fault)> TryAsync(Mail composed, CancellationToken cancellation)
    {
        try
        {
            return (await mail.SendAsync(composed, cancellation), null);
        }
        catch (IOException fault) when (fault is not MailServerAwayException)
        {
            return (null, fault);
        }
    }

    /// <returns>How many mails were sent.</returns>
    private int Heard(MailAnswer answer, Alert alert)
    {
        Log.RefusalsOf(logger, answer, alert.Id, alert.ProjectId);
        return answer is MailAnswer.Taken ? 1 : 0;
    }

    private static ImmutableArray<string> AddressesOf(Project project, AlertNotification notification)
        => notification.To is Addressee.Group ? project.OwnerEmails : [notification.EmailAddress!];

    private static Mail Compose(Project project, Alert alert, DueTelling due, ImmutableArray<string> to)
    {
        var severity = due.Config.Severity is { } set ? $"{set.ToString().ToUpperInvariant()} " : "";
        var body = new StringBuilder()
            .Append($"{alert.Subject}: {AlertMeaning.Of(alert)}\n\n")
            .Append(CultureInfo.InvariantCulture, $"Project {project.Name} ({project.Id}), alert {alert.Id}, open since {alert.Created.UtcDateTime:yyyy-MM-dd HH:mm} UTC.\n")
            .Append("Acknowledge it to be reminded no more: PATCH /api/atlas/v2/groups/").Append(project.Id.Value).Append("/alerts/").Append(alert.Id.Value).Append(".\n");
        return new(due.IdIn(alert), to, $"[{project.Name}] {severity}alert{(due.Last is null ? "" : " still open")}: {alert.Type}", body.ToString());
    }
}
