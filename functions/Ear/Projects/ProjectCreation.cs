using System.Collections.Immutable;
using Ear.Alerts;
using Ear.Outcomes;

namespace Ear.Projects;

/// <param name="OwnerEmails">Who is mailed as Project Owner.</param>
public sealed record NewProject(ProjectId Id, OrgId OrgId, string Name, ImmutableArray<ProjectTag> Tags, ImmutableArray<string> OwnerEmails);

/// <summary>Makes projects; whoever makes one becomes its Project Owner.</summary>
public sealed class ProjectCreation(IProjects projects, ICredentials credentials, EventFactory events)
{
    private static readonly ImmutableArray<string> Owner = [Role.ProjectOwner.AtlasName];

    /// <summary>Told twice is told once: a project that is there under the very id is the one that was asked for.</summary>
    public async Task<Outcome<Project>> CreateAsync(Caller caller, NewProject wanted, CancellationToken cancellation)
    {
        if (caller.RefusedToCreateProjectsIn(wanted.OrgId) is { } refused)
            return refused;
        if ((ProjectName.Refused(wanted.Name) ?? ProjectTag.Refused(wanted.Tags)) is { } invalid)
            return invalid;
        if (await projects.FindAsync(wanted.OrgId, wanted.Name, cancellation) is { Document.Id: var taken } && taken != wanted.Id)
            return new Problem.ProjectNameTaken(wanted.Name);
        // The role first: if we die here, somebody owns a project that does not exist, which is nothing; the other way round a
        // project that nobody can reach would stay.
        await credentials.GrantAsync(caller.Name, wanted.Id, Owner, cancellation);
        var project = new Project(wanted.Id, wanted.OrgId, wanted.Name, events.Now) { Tags = wanted.Tags, OwnerEmails = wanted.OwnerEmails };
        if ((await projects.SaveAsync(project, 0, [events.Make(project.Id, "GROUP_CREATED", caller.Name)], cancellation)).Saved)
            return project;
        if (await projects.FindAsync(wanted.Id, cancellation) is { Document: var made })
            return made;
        await credentials.ForgetAsync(wanted.Id, CancellationToken.None);
        return new Problem.ProjectNameTaken(wanted.Name);
    }
}
