using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Ear.Projects;

namespace Ear.Alerts;

/// <summary>
/// Mails of alerts: what is due (<see cref="AlertTelling"/>) is sent, then marked in the alert. If we die in between, it goes out again
/// under the same Message-ID.
/// </summary>
public sealed class AlertMail(AlertTellings tellings, IMail mail)
{
    /// <inheritdoc cref="AlertTellings.OfAsync"/>
    /// <returns>How many mails were sent.</returns>
    /// <exception cref="IOException">The mail server could not be reached: deliver the event again later.</exception>
    public async Task<int> TellAsync(ProjectEvent told, CancellationToken cancellation)
    {
        var sent = 0;
        foreach (var alert in await tellings.OfAsync(told, cancellation))
            sent += await TellAsync(told.ProjectId, alert, cancellation);
        return sent;
    }

    /// <returns>How many mails were sent.</returns>
    /// <exception cref="IOException">The mail server could not be reached.</exception>
    public async Task<int> TellAsync(ProjectId projectId, AlertId id, CancellationToken cancellation)
    {
        if (await tellings.DueAsync(projectId, id, n => n.To is not Addressee.Webhook, cancellation) is not { } told)
            return 0;
        var sent = 0;
        foreach (var due in told.Due)
        {
            if (AddressesOf(told.Project, due.Notification) is not { IsEmpty: false } to)
                continue;
            await mail.SendAsync(Compose(told.Project, told.Alert, due, to), cancellation);
            await tellings.MarkAsync(told.Alert, (alert, now) => alert.Told(due.Notification.NotifierId, now), cancellation);
            sent++;
        }
        return sent;
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
