using Ear.Alerts;
using Ear.Projects;

namespace Ear.CustomerKeys.Validation;

/// <summary>
/// The alerts that follow from a project's standings: what should be open is a function of them, and this makes it so. A projection,
/// not a reaction: it may run twice, or late after a crash, and ends the same.
/// </summary>
public sealed class KeyAlerts(IAlerts alerts, TimeProvider time)
{
    public async Task SyncAsync(Project project, CancellationToken cancellation)
    {
        var wanted = project.EncryptionAtRest.Standings.SelectMany(s => Wanted(project.Id, s.Key, s.Value)).ToDictionary(a => (a.Type, a.Subject));
        var unresolved = (await alerts.ListAsync(project.Id, status: null, cancellation)).Where(a => a.Document.Status is AlertStatus.Open or AlertStatus.Tracking);
        foreach (var (alert, version) in unresolved.Where(a => IsOurs(a.Document.Type)))
        {
            // A conflict is somebody who acknowledged it, or the same projection beside us; the next check is soon enough.
            if (!wanted.Remove((alert.Type, alert.Subject)))
                await alerts.SaveAsync(alert with { Status = AlertStatus.Closed, Updated = time.GetUtcNow(), Resolved = time.GetUtcNow() }, version, [], cancellation);
        }
        foreach (var (type, subject, id) in wanted.Values)
            await OpenAsync(new(id, project.Id, type, subject, AlertStatus.Open, time.GetUtcNow(), time.GetUtcNow()), cancellation);
    }

    // The mail may have made the alert of a shut-down already, under the same id.
    private async Task OpenAsync(Alert alert, CancellationToken cancellation)
    {
        if (await alerts.FindAsync(alert.ProjectId, alert.Id, cancellation) is { Document.Status: AlertStatus.Closed } closed)
            await alerts.SaveAsync(closed.Document with { Status = AlertStatus.Open, Updated = alert.Updated, Resolved = null }, closed.Version, [], cancellation);
        else
            await alerts.SaveAsync(alert, expectedVersion: 0, [], cancellation);
    }

    private static IEnumerable<(string Type, string Subject, AlertId Id)> Wanted(ProjectId project, KeyProvider provider, KeyStanding standing)
    {
        var subject = provider.AtlasName();
        if (!standing.Valid)
            yield return (KeyNews.KeyInvalid(provider), subject, Id(KeyNews.KeyInvalid(provider)));
        if (standing.NetworkAccessDenied)
            yield return (KeyNews.NetworkAccessDenied, subject, Id(KeyNews.NetworkAccessDenied));
        if (standing.ShutDownSince is { } since)
            yield return (KeyNews.ConfigNoLongerValid, subject, AlertId.FromValid(KeyNews.ShutDownEvent(project, provider, since).Value));

        AlertId Id(string type) => AlertId.FromValid(CausedEvents.HexOf("alert", project.Value, type, subject, $"{standing.ChangedAt.UtcTicks}"));
    }

    private static bool IsOurs(string type)
        => type is KeyNews.NetworkAccessDenied or KeyNews.ConfigNoLongerValid || type.EndsWith("_ENCRYPTION_KEY_INVALID", StringComparison.Ordinal);
}
