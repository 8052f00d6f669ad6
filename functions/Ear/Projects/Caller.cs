using System.Collections.Immutable;
using Ear.Outcomes;

namespace Ear.Projects;

/// <summary>Who asks: proven by an API key or a service account.</summary>
/// <param name="Name">Public key or client id: the actor of events.</param>
public sealed record Caller(string Name, OrgId OrgId, ImmutableDictionary<ProjectId, ImmutableArray<string>> ProjectRoles, ImmutableArray<string> OrgRoles)
{
    public static Caller Of(ApiKey key) => new(key.PublicKey, key.OrgId, key.ProjectRoles, key.OrgRoles);

    public static Caller Of(ServiceAccount account) => new(account.ClientId, account.OrgId, account.ProjectRoles, account.OrgRoles);

    /// <summary>Null: allowed. No role at all in the project is another refusal than too small a one (C19).</summary>
    public Problem? Refused(Project project, Role demanded)
    {
        var held = ProjectRoles.GetValueOrDefault(project.Id, []);
        if (held.Any(demanded.IsImpliedBy))
            return null;
        var heldAbove = project.OrgId == OrgId ? OrgRoles : [];
        if (heldAbove.Any(demanded.IsImpliedByOrganization))
            return null;
        return held.IsEmpty && !heldAbove.Any(Role.ProjectReadOnly.IsImpliedByOrganization)
            ? new Problem.NotAMember(project.Id.Value)
            : new Problem.RoleMissing(demanded.Words);
    }

    /// <summary>Null: allowed to make projects in the organisation.</summary>
    public Problem? RefusedToCreateProjectsIn(OrgId organisation)
        => OrgId == organisation && (OrgRoles.Contains(Role.OrganizationOwner.AtlasName) || OrgRoles.Contains(Role.ProjectCreator.AtlasName))
            ? null
            : new Problem.RoleMissing($"{Role.OrganizationOwner.Words} or {Role.ProjectCreator.Words}");

    /// <summary>A role in the organisation, or in a project of it.</summary>
    public bool IsInOrganization => !OrgRoles.IsEmpty || !ProjectRoles.IsEmpty;

    public bool ReadsOrganization(OrgId organisation) => OrgId == organisation && OrgRoles.Any(Role.ProjectReadOnly.IsImpliedByOrganization);
}
