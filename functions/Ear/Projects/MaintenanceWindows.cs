using Ear.Alerts;
using Ear.Outcomes;

namespace Ear.Projects;

/// <summary>Sets, resets and defers a project's maintenance window.</summary>
public sealed class MaintenanceWindows(ProjectChanges changes, EventFactory events)
{
    /// <param name="decide">From the project's own window, null without one, to what it is to be.</param>
    public Task<Outcome<Project>> ChangeAsync(ProjectId id, string actor, Func<MaintenanceWindow?, Outcome<MaintenanceWindow>> decide, CancellationToken cancellation)
        => changes.ApplyAsync(id, project => decide(project.MaintenanceWindow).Map(window => window == project.MaintenanceWindow
            ? new ProjectChange(project)
            : new(project with { MaintenanceWindow = window }, Told(id, project.MaintenanceWindow is null ? "ADDED" : "MODIFIED", actor))), cancellation);

    public Task<Outcome<Project>> ResetAsync(ProjectId id, string actor, CancellationToken cancellation)
        => changes.ApplyAsync(id, project => project.MaintenanceWindow is null
            ? new ProjectChange(project)
            : new ProjectChange(project with { MaintenanceWindow = null }, Told(id, "REMOVED", actor)), cancellation);

    private ProjectEvent Told(ProjectId id, string what, string actor) => events.Make(id, $"ATLAS_MAINTENANCE_WINDOW_{what}", actor);
}
