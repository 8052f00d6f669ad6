using System.Collections.Immutable;
using Ear.Outcomes;
using Ear.Projects;

namespace Ear.Tests.Projects;

public sealed class CallerTests
{
    private static readonly Project Shop = new(ProjectId.FromValid(new string('a', 24)), OrgId.FromValid(new string('b', 24)), "shop", DateTimeOffset.UnixEpoch);
    private static readonly Role[] All = [Role.ProjectOwner, Role.ProjectClusterManager, Role.ProjectClusterCreator, Role.ProjectReadOnly];

    [Theory]
    [InlineData("GROUP_OWNER", "Project Owner,Project Cluster Manager,Project Cluster Creator,Project Read Only")]
    [InlineData("GROUP_CLUSTER_MANAGER", "Project Cluster Manager,Project Read Only")]
    [InlineData("GROUP_CLUSTER_CREATOR", "Project Cluster Creator,Project Read Only")]
    [InlineData("GROUP_READ_ONLY", "Project Read Only")]
    [InlineData("GROUP_DATA_ACCESS_ADMIN", "Project Read Only")]
    public void A_role_allows_what_it_implies_and_nothing_more(string held, string allowed)
    {
        var caller = Holding(project: [held]);

        Assert.Equal(allowed.Split(','), All.Where(r => caller.Refused(Shop, r) is null).Select(r => r.Words));
        Assert.All(All.Where(r => caller.Refused(Shop, r) is not null), r => Assert.Equal(new Problem.RoleMissing(r.Words), caller.Refused(Shop, r)));
    }

    [Theory]
    [InlineData("ORG_OWNER")]
    [InlineData("ORG_READ_ONLY")]
    public void An_organisation_reads_its_projects_and_changes_none(string held)
    {
        var caller = Holding(org: [held]);

        Assert.Null(caller.Refused(Shop, Role.ProjectReadOnly));
        Assert.Equal(new Problem.RoleMissing("Project Owner"), caller.Refused(Shop, Role.ProjectOwner));
        Assert.IsType<Problem.NotAMember>(caller.Refused(Shop with { OrgId = OrgId.FromValid(new string('c', 24)) }, Role.ProjectReadOnly));
    }

    [Fact]
    public void Without_any_role_one_is_no_member()
        => Assert.Equal(new Problem.NotAMember(Shop.Id.Value), Holding(org: ["ORG_MEMBER"]).Refused(Shop, Role.ProjectReadOnly));

    private static Caller Holding(ImmutableArray<string>? project = null, ImmutableArray<string>? org = null)
        => new("caller", Shop.OrgId, project is { } roles ? ImmutableDictionary<ProjectId, ImmutableArray<string>>.Empty.Add(Shop.Id, roles) : [], org ?? []);
}
