using Ear.Projects;

namespace Ear.Alerts;

/// <summary>Who was told, written down in the alert after it.</summary>
public static class AlertMarks
{
    private const int MaxTries = 8;

    /// <summary>Whoever saved the alert meanwhile (acknowledged, closed, told others) is not undone. Of an alert that is gone there is nothing to mark.</summary>
    /// <exception cref="IOException">Others saved it each time: who was told is told again, under the same id.</exception>
    public static async Task MarkAsync(this IAlerts alerts, ProjectId project, AlertId id, Func<Alert, Alert> mark, CancellationToken cancellation)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await alerts.FindAsync(project, id, cancellation) is not { } stored)
                return;
            if ((await alerts.SaveAsync(mark(stored.Document), stored.Version, [], cancellation)).Saved)
                return;
        }
        throw new IOException($"Alert {id} was saved by others {MaxTries} times in a row; who was told of it is told again.");
    }
}
