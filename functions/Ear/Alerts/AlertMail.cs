using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Ear.CustomerKeys;
using Ear.CustomerKeys.Validation;
using Ear.Projects;

namespace Ear.Alerts;

/// <summary>
/// Mails of alerts: what is due (<see cref="AlertTelling"/>) is sent, then marked in the alert. If we die in between, it goes out again
/// under the same Message-ID.
/// </summary>
public sealed class AlertMail(IProjects projects, IAlerts alerts, IAlertConfigs configs, IMail mail, TimeProvider time)
{
    private const int MaxTries = 5;

    /// <summary>The open alerts that an event is about. Where the alert is not open yet, the next round tells of it.</summary>
    /// <returns>How many mails were sent.</returns>
    /// <exception cref="IOException">The mail server could not be reached: deliver the event again later.</exception>
    public async Task<int> TellAsync(ProjectEvent told, CancellationToken cancellation)
    {
        if (!AlertTypes.All.Contains(told.Type))
            return 0;
        var sent = 0;
        foreach (var (alert, _) in await alerts.ListAsync(told.ProjectId, AlertStatus.Open, cancellation))
        {
            if (alert.Type == told.Type && alert.Subject == told.Details.GetValueOrDefault(KeyNews.ProviderDetail))
                sent += await TellAsync(told.ProjectId, alert.Id, cancellation);
        }
        return sent;
    }

    /// <returns>How many mails were sent.</returns>
    /// <exception cref="IOException">The mail server could not be reached.</exception>
    public async Task<int> TellAsync(ProjectId projectId, AlertId id, CancellationToken cancellation)
    {
        if (await projects.FindAsync(projectId, cancellation) is not { Document: { } project })
        {
            // It opened while its project was deleted, or the deletion died before it had forgotten all.
            await alerts.ForgetAsync(projectId, cancellation);
            return 0;
        }
        if (await alerts.FindAsync(projectId, id, cancellation) is not { Document: { } alert })
            return 0;
        var sent = 0;
        var shutDown = KeyProviders.FromAtlasName(alert.Subject) is { } provider && alert.Type == KeyNews.KeyInvalid(provider)
            && project.EncryptionAtRest.StandingOf(provider) is { ShutDownSince: not null };
        foreach (var due in AlertTelling.Due(alert, [.. (await configs.OfAsync(project, cancellation)).Select(c => c.Document)], shutDown, time.GetUtcNow()))
        {
            if (AddressesOf(project, due.Notification) is not { IsEmpty: false } to)
                continue;
            await mail.SendAsync(Compose(project, alert, due, to), cancellation);
            await MarkAsync(projectId, id, due.Notification.NotifierId, cancellation);
            sent++;
        }
        return sent;
    }

    private static ImmutableArray<string> AddressesOf(Project project, AlertNotification notification)
        => notification.To is Addressee.Group ? project.OwnerEmails : [notification.EmailAddress!];

    // Whoever saved it meanwhile (acknowledged, closed) is not undone.
    private async Task MarkAsync(ProjectId project, AlertId id, string notifier, CancellationToken cancellation)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await alerts.FindAsync(project, id, cancellation) is not { } stored
                || (await alerts.SaveAsync(stored.Document.Told(notifier, time.GetUtcNow()), stored.Version, [], cancellation)).Saved)
                return;
        }
        throw new IOException($"Alert {id} was saved by others {MaxTries} times in a row; its mail is sent again.");
    }

    private static Mail Compose(Project project, Alert alert, DueTelling due, ImmutableArray<string> to)
    {
        var severity = due.Config.Severity is { } set ? $"{set.ToString().ToUpperInvariant()} " : "";
        var body = new StringBuilder()
            .Append($"{alert.Subject}: {Meaning(alert)}\n\n")
            .Append(CultureInfo.InvariantCulture, $"Project {project.Name} ({project.Id}), alert {alert.Id}, open since {alert.Created.UtcDateTime:yyyy-MM-dd HH:mm} UTC.\n")
            .Append("Acknowledge it to be reminded no more: PATCH /api/atlas/v2/groups/").Append(project.Id.Value).Append("/alerts/").Append(alert.Id.Value).Append(".\n");
        return new(due.MailId(alert), to, $"[{project.Name}] {severity}alert{(due.Last is null ? "" : " still open")}: {alert.Type}", body.ToString());
    }

    private static string Meaning(Alert alert) => alert.Type switch
    {
        KeyNews.NetworkAccessDenied => "the key service cannot be reached. Nothing is stopped, but processes that restart cannot come up until it can be reached.",
        KeyNews.ConfigNoLongerValid => "the encryption key can no longer be used, so the clusters that need it are shut down until it can.",
        _ when AlertTypes.CountsDays(alert.Type) && alert.AgeFrom is { } from
            => string.Create(CultureInfo.InvariantCulture, $"the encryption key has been in use since {from.UtcDateTime:yyyy-MM-dd}. Make a new key or version, then set it with PATCH encryptionAtRest."),
        _ => "the encryption key or its credentials are not valid. Restore the key, or update the credentials, then GET encryptionAtRest to try again.",
    };
}
