using System.Collections.Immutable;
using Ear.CustomerKeys;
using Ear.CustomerKeys.Validation;
using Ear.Projects;

namespace Ear.Alerts;

/// <summary>An alert, and who is to be told of it now by one of the ways (<see cref="AlertTelling"/>).</summary>
/// <param name="Reachable">Everybody that a configuration of the project names, whether or not it is enabled.</param>
public sealed record DueTellings(Project Project, Alert Alert, ImmutableArray<DueTelling> Due, ImmutableArray<AlertNotification> Reachable);

/// <summary>Looks up who is to be told, for whoever tells by mail or to webhooks.</summary>
public sealed class AlertTellings(IProjects projects, IAlerts alerts, IAlertConfigs configs, IIds ids, TimeProvider time)
{
    /// <summary>The open alerts that an event is about. Where the alert is not open yet, the next round tells of it.</summary>
    public async Task<IReadOnlyList<AlertId>> OfAsync(ProjectEvent told, CancellationToken cancellation)
    {
        if (!AlertTypes.All.Contains(told.Type))
            return [];
        return [.. (await alerts.ListAsync(told.ProjectId, AlertStatus.Open, cancellation)).Select(a => a.Document)
            .Where(a => a.Type == told.Type && a.Subject == told.Details.GetValueOrDefault(KeyNews.ProviderDetail)).Select(a => a.Id)];
    }

    public DateTimeOffset Now => time.GetUtcNow();

    /// <returns>Null: the alert, or its project, is no more.</returns>
    public async Task<DueTellings?> DueAsync(ProjectId projectId, AlertId id, Func<AlertNotification, bool> way, CancellationToken cancellation)
    {
        if (await projects.FindAsync(projectId, cancellation) is not { Document: { } project })
        {
            // It opened while its project was deleted, or the deletion died before it had forgotten all.
            await alerts.ForgetAsync(projectId, cancellation);
            return null;
        }
        if (await alerts.FindAsync(projectId, id, cancellation) is not { Document: { } alert })
            return null;
        var shutDown = KeyProviders.FromAtlasName(alert.Subject) is { } provider && alert.Type == KeyNews.KeyInvalid(provider)
            && project.EncryptionAtRest.StandingOf(provider) is { ShutDownSince: not null };
        var wanted = (await configs.OfAsync(project, cancellation)).Select(c => c.Document).ToList();
        return new(project, alert, [.. AlertTelling.Due(alert, wanted, shutDown, time.GetUtcNow()).Where(d => way(d.Notification))],
            [.. wanted.SelectMany(c => c.Notifications).Where(way)]);
    }

    /// <summary>For a mark: somebody could not be told of it, and is tried again later.</summary>
    public Alert NotTold(Alert alert, AlertNotification to, DateTimeOffset now) => alert.NotTold(to, now, ids.NextDouble());

    /// <param name="mark">Of the alert as it is by then, and the time.</param>
    /// <exception cref="IOException">It could not be written down: they are told again, under the same ids.</exception>
    public Task MarkAsync(Alert alert, Func<Alert, DateTimeOffset, Alert> mark, CancellationToken cancellation)
        => alerts.MarkAsync(alert.ProjectId, alert.Id, a => mark(a, time.GetUtcNow()), cancellation);
}
