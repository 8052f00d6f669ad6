using System.Text;
using Ear.CustomerKeys.Validation;
using Ear.Projects;
using Microsoft.Extensions.Logging;

namespace Ear.Alerts;

/// <summary>
/// The one mail of a shut-down: to the Project Owners, naming every affected cluster (R42). Sent once per event: what was sent is
/// remembered in the alert that carries the event's id (<see cref="Alert.ToldTo"/>), because
/// that is the document a person looks at, and it lives in the same store as everything else. The mark follows the sending: if we
/// die in between, the mail goes out again under the same Message-ID, for no mail at all would be worse. An owner whose address is refused
/// takes nobody else's mail away; if all are refused for good it counts as sent, the log says so, and the alert's reminders try again.
/// </summary>
public sealed class ShutDownMail(IProjects projects, IAlerts alerts, IMail mail, TimeProvider time, ILogger<ShutDownMail> logger)
{
    /// <summary>How the alert remembers this mail among the others.</summary>
    public const string Notifier = "shut-down";

    /// <returns>True when a mail was sent now.</returns>
    /// <exception cref="IOException">The mail server could not be reached, or takes the mail for no owner now: deliver the event again later.</exception>
    public async Task<bool> TellAsync(ProjectEvent told, CancellationToken cancellation)
    {
        if (told.Type is not KeyNews.ConfigNoLongerValid || told.Details.GetValueOrDefault(KeyNews.ClustersDetail) is not { Length: > 0 } clusters
            || await projects.FindAsync(told.ProjectId, cancellation) is not { Document: { OwnerEmails.IsEmpty: false } project })
            return false;
        var alert = await AlertOfAsync(told, cancellation);
        if (alert.OwnersToldOfShutDown is not null)
            return false;
        var answer = await mail.SendAsync(Compose(project, told, clusters.Split(',')), cancellation);
        Log.RefusalsOf(logger, answer, alert.Id, alert.ProjectId);
        // Whoever acknowledges, opens or closes it meanwhile, or tells a webhook, is not undone.
        await alerts.MarkAsync(alert.ProjectId, alert.Id, a => a.Told(Notifier, time.GetUtcNow()), cancellation);
        return answer is MailAnswer.Taken;
    }

    private async Task<Alert> AlertOfAsync(ProjectEvent told, CancellationToken cancellation)
    {
        var id = AlertId.FromValid(told.Id.Value);
        if (await alerts.FindAsync(told.ProjectId, id, cancellation) is { } stored)
            return stored.Document;
        // Ahead of the check that opens it, or after its end: remembered as closed, and opened by the check if it is to be open.
        var record = new Alert(id, told.ProjectId, told.Type, told.Details.GetValueOrDefault(KeyNews.ProviderDetail, ""), AlertStatus.Closed, told.Created, time.GetUtcNow());
        var saved = await alerts.SaveAsync(record, 0, [], cancellation);
        return saved.Saved ? record : (await alerts.FindAsync(told.ProjectId, id, cancellation))?.Document ?? throw new IOException($"Alert {id} could not be saved.");
    }

    private static Mail Compose(Project project, ProjectEvent told, IReadOnlyList<string> clusters)
    {
        var provider = told.Details.GetValueOrDefault(KeyNews.ProviderDetail, "");
        var body = new StringBuilder()
            .Append($"The {provider} key that encrypts clusters of project {project.Name} ({project.Id}) can no longer be used")
            .Append(told.Details.GetValueOrDefault(KeyNews.ReasonDetail) is { } reason ? $": {reason}.\n\n" : ".\n\n")
            .Append("These clusters have been shut down. Their data is kept, and changes to them wait until the key is back:\n\n");
        foreach (var cluster in clusters)
            body.Append($"  - {cluster}\n");
        if (told.Details.TryGetValue("recoverableUntil", out var until))
            body.Append($"\nThe key is scheduled for deletion; that can be cancelled until {until}.\n");
        body.Append("\nRestore the key, or update the credentials, then use Try Again (GET encryptionAtRest); the next check does the same by itself within 15 minutes.\n");
        return new(told.Id.Value, project.OwnerEmails, $"[{project.Name}] {clusters.Count} {(clusters.Count == 1 ? "cluster" : "clusters")} shut down: {provider} encryption key is not valid", body.ToString());
    }
}
