using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Contract.Samples;

/// <summary>What a project has beside clusters and keys.</summary>
internal static class ProjectThingSamples
{
    private const string First = "2023-01-01";
    private const string Second = "2023-10-01";
    private const string Window = """{"dayOfWeek":7,"hourOfDay":23}""";
    private const string Aws = """{"providerName":"AWS"}""";

    public static IEnumerable<Sample> List { get; } =
    [
        Sample.Of("listGroupAccessListEntries", First, Access) with { Refusal = "FEATURE_UNSUPPORTED" },
        Sample.Of("createGroupAccessListEntry", First, Access) with { Refusal = "FEATURE_UNSUPPORTED" },
        Sample.Of("getGroupAccessListEntry", First, doors => $"{Access(doors)}/192.0.2.1") with { Refusal = "FEATURE_UNSUPPORTED" },
        Sample.Of("deleteGroupAccessListEntry", First, doors => $"{Access(doors)}/192.0.2.1") with { Refusal = "FEATURE_UNSUPPORTED" },
        .. Sample.InEach("getGroupBackupCompliancePolicy", [First, Second], async (doors, owner) => new(await PolicyAsync(doors, owner))),
        Sample.Of("updateGroupBackupCompliancePolicy", First, Policy, """{"authorizedEmail":"a@example.com"}"""),
        Sample.Of("updateGroupBackupCompliancePolicy", Second, Policy, Authorized),
        new("disableGroupBackupCompliancePolicy", "2024-11-13", async (doors, owner) => new(await PolicyAsync(doors, owner))),
        new("listGroupCloudProviderAccess", First, async (doors, owner) =>
        {
            await doors.AuthorizedRoleAsync(owner);
            return new(Roles(doors));
        }),
        Sample.Of("createGroupCloudProviderAccess", First, Roles, Aws),
        new("getGroupCloudProviderAccess", First, async (doors, owner) => new($"{Roles(doors)}/{await doors.AuthorizedRoleAsync(owner)}")),
        new("authorizeGroupCloudProviderAccessRole", First, async (doors, owner) => new(
            $"{Roles(doors)}/{(await owner.SendJsonAsync(HttpMethod.Post, Roles(doors), Aws)).Text("roleId")}", $$"""{"providerName":"AWS","iamAssumedRoleArn":"{{FakeKms.RoleArn}}"}""")),
        new("deauthorizeGroupCloudProviderAccessRole", First, async (doors, owner) => new($"{Roles(doors)}/AWS/{await doors.AuthorizedRoleAsync(owner)}")),
        new("getGroupMaintenanceWindow", First, async (doors, owner) => new(await WindowAsync(doors, owner))),
        Sample.Of("updateGroupMaintenanceWindow", First, Maintenance, Window),
        new("resetGroupMaintenanceWindow", First, async (doors, owner) => new(await WindowAsync(doors, owner))),
        new("deferGroupMaintenanceWindow", First, async (doors, owner) => new($"{await WindowAsync(doors, owner)}/defer")) { Refusal = "ATLAS_MAINTENANCE_NOT_SCHEDULED" },
        new("toggleGroupMaintenanceWindowAutoDefer", First, async (doors, owner) => new($"{await WindowAsync(doors, owner)}/autoDefer")),
    ];

    private const string Authorized = """{"authorizedEmail":"a@example.com","authorizedUserFirstName":"Ada","authorizedUserLastName":"L"}""";

    private static string Access(Doors doors) => $"{doors.Group}/accessList";

    private static string Policy(Doors doors) => $"{doors.Group}/backupCompliancePolicy";

    private static string Roles(Doors doors) => $"{doors.Group}/cloudProviderAccess";

    private static string Maintenance(Doors doors) => $"{doors.Group}/maintenanceWindow";

    private static async Task<string> PolicyAsync(Doors doors, HttpClient owner)
    {
        Assert.Equal(200, (await owner.SendJsonAsync(HttpMethod.Put, Policy(doors), Authorized)).Status);
        return Policy(doors);
    }

    private static async Task<string> WindowAsync(Doors doors, HttpClient owner)
    {
        Assert.Equal(200, (await owner.SendJsonAsync(HttpMethod.Patch, Maintenance(doors), Window)).Status);
        return Maintenance(doors);
    }
}
