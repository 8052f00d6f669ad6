using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Ear.Projects;

/// <summary>
/// What a door demands, and what a credential holds. <see cref="Words"/> are for people, <see cref="AtlasName"/> is how credentials
/// name it. A role that is held may imply others.
/// </summary>
public sealed record Role(string Words, string AtlasName)
{
    public static Role ProjectOwner { get; } = new("Project Owner", "GROUP_OWNER");

    public static Role ProjectClusterManager { get; } = new("Project Cluster Manager", "GROUP_CLUSTER_MANAGER");

    public static Role ProjectClusterCreator { get; } = new("Project Cluster Creator", "GROUP_CLUSTER_CREATOR");

    /// <summary>Alert configurations, and acknowledging alerts.</summary>
    public static Role ProjectAlertsManager { get; } = new("Project Alerts Manager", "GROUP_ALERTS_MANAGER");

    /// <summary>Every member of a project can at least read it.</summary>
    public static Role ProjectReadOnly { get; } = new("Project Read Only", "GROUP_READ_ONLY");

    public static Role OrganizationOwner { get; } = new("Organization Owner", "ORG_OWNER");

    public static Role ProjectCreator { get; } = new("Organization Project Creator", "ORG_GROUP_CREATOR");

    public static Role OrganizationReadOnly { get; } = new("Organization Read Only", "ORG_READ_ONLY");

    public static Role OrganizationMember { get; } = new("Organization Member", "ORG_MEMBER");

    /// <summary>Those that a credential can be given in a project.</summary>
    public static ImmutableArray<Role> OfProjects { get; } = [ProjectOwner, ProjectClusterManager, ProjectClusterCreator, ProjectAlertsManager, ProjectReadOnly];

    private static readonly FrozenSet<Role> ReadableByOrganization = new[] { OrganizationOwner, OrganizationReadOnly }.ToFrozenSet();

    /// <summary>Whether somebody who holds <paramref name="held"/> in the project may do what this role may.</summary>
    public bool IsImpliedBy(string held)
        => held == AtlasName || held == ProjectOwner.AtlasName || this == ProjectReadOnly;

    /// <summary>
    /// Organisation owners and readers see every project of their organisation; to change one they have to become its Project
    /// Owner first (R10).
    /// </summary>
    public bool IsImpliedByOrganization(string held)
        => this == ProjectReadOnly && ReadableByOrganization.Any(r => r.AtlasName == held);
}
