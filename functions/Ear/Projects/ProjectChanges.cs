using Ear.Alerts;
using Ear.Outcomes;

namespace Ear.Projects;

/// <summary>A change of a project: decided on what is stored, saved with its events; decided again when somebody else saved first.</summary>
public sealed class ProjectChanges(IProjects projects)
{
    private const int MaxTries = 5;

    /// <param name="decide">Answers with the very project that it was given when there is nothing to change: then nothing is saved or announced.</param>
    public async Task<Outcome<Project>> ApplyAsync(ProjectId id, Func<Project, Task<Outcome<ProjectChange>>> decide, CancellationToken cancellation)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await projects.FindAsync(id, cancellation) is not { } stored)
                return new Problem.ProjectNotFound(id.Value);
            if (!(await decide(stored.Document)).IsOk(out var change, out var problem))
                return problem;
            if (ReferenceEquals(change.Project, stored.Document) || (await projects.SaveAsync(change.Project, stored.Version, change.Announce, cancellation)).Saved)
                return change.Project;
        }
        return new Problem.Conflict($"Project {id}");
    }

    public Task<Outcome<Project>> ApplyAsync(ProjectId id, Func<Project, Outcome<ProjectChange>> decide, CancellationToken cancellation)
        => ApplyAsync(id, project => Task.FromResult(decide(project)), cancellation);
}

/// <param name="Announce">Saved with it.</param>
public sealed record ProjectChange(Project Project, params IReadOnlyList<ProjectEvent> Announce);
