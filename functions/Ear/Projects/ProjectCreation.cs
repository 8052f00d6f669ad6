using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Ear.Alerts;
using Ear.Outcomes;

namespace Ear.Projects;

/// <summary>Makes projects; whoever makes one becomes its Project Owner.</summary>
public sealed partial class ProjectCreation(IProjects projects, ICredentials credentials, IIds ids, EventFactory events)
{
    public async Task<Outcome<Project>> CreateAsync(Caller caller, OrgId organisation, string name, ImmutableArray<string> ownerEmails, CancellationToken cancellation)
    {
        if (caller.RefusedToCreateProjectsIn(organisation) is { } refused)
            return refused;
        if (!NamePattern().IsMatch(name))
            return new Problem.InvalidField("name", "1 to 64 letters, digits and -_.(),:&@+' .");
        var project = new Project(ids.New<ProjectId>(), organisation, name, events.Now) { OwnerEmails = ownerEmails };
        // The role first: if we die here, somebody owns a project that does not exist, which is nothing; the other way round a
        // project that nobody can reach would stay.
        await BecomeOwnerAsync(caller, project.Id, cancellation);
        await projects.SaveAsync(project, 0, [events.Make(project.Id, "GROUP_CREATED", caller.Name)], cancellation);
        return project;
    }

    private async Task BecomeOwnerAsync(Caller caller, ProjectId project, CancellationToken cancellation)
    {
        ImmutableArray<string> owner = [Role.ProjectOwner.AtlasName];
        if (await credentials.FindApiKeyAsync(caller.Name, cancellation) is { } key)
            await credentials.SaveAsync(key with { ProjectRoles = key.ProjectRoles.SetItem(project, owner) }, cancellation);
        else if (await credentials.FindServiceAccountAsync(caller.Name, cancellation) is { } account)
            await credentials.SaveAsync(account with { ProjectRoles = account.ProjectRoles.SetItem(project, owner) }, cancellation);
    }

    [GeneratedRegex(@"\A[\p{L}\p{N}\-_.(),:&@+' ]{1,64}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NamePattern();
}
