using System.Collections.Immutable;
using Ear.Alerts;
using Ear.Outcomes;

namespace Ear.Projects;

/// <summary>Null: as it is.</summary>
public sealed record ProjectPatch(string? Name, ImmutableArray<ProjectTag>? Tags);

/// <summary>Renames projects and changes their tags.</summary>
public sealed class ProjectUpdates(ProjectChanges changes, IProjects projects, EventFactory events)
{
    public Task<Outcome<Project>> ApplyAsync(ProjectId id, ProjectPatch patch, string actor, CancellationToken cancellation)
        => changes.ApplyAsync(id, async project => await RefusedAsync(project, patch, cancellation) ?? (Outcome<ProjectChange>)Changed(project, patch, actor), cancellation);

    private async Task<Problem?> RefusedAsync(Project project, ProjectPatch patch, CancellationToken cancellation)
    {
        if (patch.Tags is { } tags && ProjectTag.Refused(tags) is { } refused)
            return refused;
        if (patch.Name is not { } name || name == project.Name)
            return null;
        return ProjectName.Refused(name) ?? (await projects.FindAsync(project.OrgId, name, cancellation) is null ? null : (Problem)new Problem.ProjectNameTaken(name));
    }

    private ProjectChange Changed(Project project, ProjectPatch patch, string actor)
    {
        var changed = project;
        var announce = new List<ProjectEvent>();
        if (patch.Name is { } name && name != project.Name)
        {
            changed = changed with { Name = name };
            announce.Add(events.Make(project.Id, "GROUP_NAME_CHANGED", actor, new("from", project.Name), new("to", name)));
        }
        if (patch.Tags is { } tags && !tags.SequenceEqual(project.Tags))
        {
            changed = changed with { Tags = tags };
            announce.Add(events.Make(project.Id, "GROUP_TAGS_MODIFIED", actor));
        }
        return new(changed, announce);
    }
}
