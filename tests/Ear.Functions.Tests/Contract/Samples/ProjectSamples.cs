using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Contract.Samples;

/// <summary>Projects, their organisation, and what is around them.</summary>
internal static class ProjectSamples
{
    private const string First = "2023-01-01";
    private const string Groups = "/api/atlas/v2/groups";
    private const string Orgs = "/api/atlas/v2/orgs";

    public static IEnumerable<Sample> List { get; } =
    [
        new("createGroup", First, (doors, _) => Task.FromResult(new SampleRequest(Groups, Shop(doors)))),
        Sample.Of("listGroups", First, _ => Groups),
        Sample.Of("getGroup", First, doors => doors.Group),
        new("getGroupByName", First, async (doors, _) => new($"{Groups}/byName/{Uri.EscapeDataString((await doors.ProjectAsync()).Name)}")),
        Sample.Of("updateGroup", First, doors => doors.Group, """{"name":"shop","tags":[{"key":"team","value":"blue"}]}"""),
        Sample.Of("deleteGroup", First, doors => doors.Group),
        Sample.Of("listGroupLimits", First, doors => $"{doors.Group}/limits"),
        Sample.Of("getGroupSettings", First, doors => $"{doors.Group}/settings"),
        Sample.Of("updateGroupSettings", First, doors => $"{doors.Group}/settings", """{"isDataExplorerEnabled":false}"""),
        Sample.Of("getGroupIpAddresses", First, doors => $"{doors.Group}/ipAddresses"),
        Sample.Of("listOrgs", First, _ => Orgs),
        Sample.Of("getOrg", First, doors => $"{Orgs}/{doors.First.OrgId}"),
        Sample.Of("createOrg", First, _ => Orgs, """{"name":"second"}""") with { Refusal = "FEATURE_UNSUPPORTED" },
        Sample.Of("getOrgGroups", First, doors => $"{Orgs}/{doors.First.OrgId}/groups"),
        Sample.Of("getSystemStatus", First, _ => "/api/atlas/v2"),
        Sample.Of("listControlPlaneIpAddresses", "2023-11-15", _ => "/api/atlas/v2/unauth/controlPlaneIPAddresses"),
        Sample.Of("getIpInfo", "", _ => "/api/private/ipinfo"),
    ];

    private static string Shop(Doors doors) => $$"""{"name":"shop","orgId":"{{doors.First.OrgId}}"}""";
}
