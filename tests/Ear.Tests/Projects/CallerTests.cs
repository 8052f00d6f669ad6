using System.Collections.Immutable;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.Tests.Projects;

/// <summary>Who may do what in which project (I10).</summary>
public sealed class CallerTests
{
    private static readonly OrgId Ours = OrgId.FromValid(new string('a', 24));
    private static readonly OrgId Theirs = OrgId.FromValid(new string('b', 24));
    private static readonly Project Project = new(ProjectId.FromValid(new string('1', 24)), Ours, "shop", default);

    [Theory]
    [InlineData("ORG_OWNER")]
    [InlineData("ORG_READ_ONLY")]
    public void Another_organisations_owners_and_readers_see_nothing(string role)
    {
        Assert.IsType<Problem.NotAMember>(Of(Theirs, [role]).Refused(Project, Role.ProjectReadOnly));
        Assert.Null(Of(Ours, [role]).Refused(Project, Role.ProjectReadOnly));
    }

    [Fact]
    public void An_organisations_owner_changes_no_project_that_is_not_theirs()
    {
        Assert.IsType<Problem.RoleMissing>(Of(Ours, ["ORG_OWNER"]).Refused(Project, Role.ProjectOwner));
        Assert.IsType<Problem.RoleMissing>(Of(Theirs, ["ORG_OWNER"]).RefusedToCreateProjectsIn(Ours));
    }

    [Fact]
    public void A_role_in_one_project_is_none_in_another()
    {
        var caller = Of(Ours, []) with { ProjectRoles = ImmutableDictionary<ProjectId, ImmutableArray<string>>.Empty.Add(ProjectId.FromValid(new string('2', 24)), ["GROUP_OWNER"]) };

        Assert.IsType<Problem.NotAMember>(caller.Refused(Project, Role.ProjectReadOnly));
    }

    private static Caller Of(OrgId organisation, ImmutableArray<string> roles) => new("somebody", organisation, ImmutableDictionary<ProjectId, ImmutableArray<string>>.Empty, roles);
}
