using Ear.Infra.Tests.Compiling;

namespace Ear.Infra.Tests;

/// <summary>Who may do what: exactly this, and nothing more (docs/operations/deploy.md says why).</summary>
public sealed class RoleTests(Scenes scenes)
{
    private const string Roles = "Microsoft.Authorization/roleDefinitions";

    private static readonly Dictionary<string, string> BuiltIn = new(StringComparer.Ordinal)
    {
        ["b7e6dc6d-f1e8-4753-8033-0f276bb0955b"] = "Storage Blob Data Owner",
        ["ba92f5b4-2d11-453d-a403-e96b0029c9fe"] = "Storage Blob Data Contributor",
        ["974c5e8b-45b9-4653-ba55-5f855dd0fb88"] = "Storage Queue Data Contributor",
        ["0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"] = "Storage Table Data Contributor",
        ["69a216fc-b8fb-44d8-bc22-1f3c2cd27a39"] = "Azure Service Bus Data Sender",
        ["4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0"] = "Azure Service Bus Data Receiver",
        ["e147488a-f6f5-4113-8e2d-b22465e65bf6"] = "Key Vault Crypto Service Encryption User",
        ["4633458b-17de-408a-b874-0445c86b69e6"] = "Key Vault Secrets User",
        ["3913510d-42f4-4e42-8a64-420c390055eb"] = "Monitoring Metrics Publisher",
        ["0ad04412-c4d5-4796-b79c-f76d14c8d402"] = "Durable Task Data Contributor",
    };

    private static readonly string[] Always =
    [
        "Azure Service Bus Data Receiver on mail",
        "Azure Service Bus Data Receiver on webhook",
        "Azure Service Bus Data Sender on ear-events",
        "Ear copy adder on ear-copies",
        "Key Vault Crypto Service Encryption User on ear-data",
        "Monitoring Metrics Publisher on appi",
        "Storage Blob Data Contributor on eardata",
        "Storage Blob Data Owner on earhost",
        "Storage Queue Data Contributor on earhost",
        "Storage Table Data Contributor on eardata",
        "Storage Table Data Contributor on earhost",
    ];

    [Fact]
    public async Task The_app_has_the_roles_that_it_needs_and_no_other()
    {
        Assert.Equal(Always, Granted(await scenes.Plain));
        Assert.Equal(Always, Granted(await scenes.Small));
    }

    [Fact]
    public async Task What_is_asked_for_brings_its_own_roles()
        => Assert.Equal(Always.Concat(
        [
            "Azure Service Bus Data Receiver on audit, by 11111111-1111-1111-1111-111111111111",
            "Durable Task Data Contributor on EarTasks",
            "Ear endpoint joiner on privatelink.vaultcore.azure.net",
            "Ear endpoint joiner on vnet",
            "Ear endpoint joiner on vnet",
            "Ear endpoint maker on its resource group",
            "Key Vault Secrets User on ear",
        ]).Order(StringComparer.Ordinal), Granted(await scenes.Everything));

    [Fact]
    public async Task Ears_own_roles_name_each_action()
    {
        var roles = (await scenes.Everything).Of(Roles);
        Assert.Equal(3, roles.Count);
        Assert.Equal(["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action"], Adder(roles).At("permissions")!.AsArray().Single()!["dataActions"]!.AsArray().Select(a => a!.GetValue<string>()));
        Assert.Empty(Adder(roles).At("permissions")!.AsArray().Single()!["actions"]!.AsArray());
        foreach (var permissions in roles.Where(r => r != Adder(roles)).Select(r => r.At("permissions")!.AsArray().Single()!))
        {
            Assert.Empty(permissions["dataActions"]!.AsArray());
            var actions = permissions["actions"]!.AsArray().Select(a => a!.GetValue<string>()).ToList();
            Assert.DoesNotContain(actions, a => a.Contains('*', StringComparison.Ordinal));
            Assert.All(actions, a => Assert.True(
                a.StartsWith("Microsoft.Network/privateEndpoints/", StringComparison.Ordinal) || a.StartsWith("Microsoft.Resources/deployments/", StringComparison.Ordinal)
                || a.EndsWith("/read", StringComparison.Ordinal) || a.EndsWith("/join/action", StringComparison.Ordinal), a));
        }
        Assert.Equal(["Ear copy adder"], (await scenes.Plain).Of(Roles).Select(r => r.Text("roleName")![..^14]));
    }

    private static Resource Adder(IReadOnlyList<Resource> roles) => roles.Single(r => r.Text("roleName")!.StartsWith("Ear copy adder", StringComparison.Ordinal));

    [Fact]
    public async Task No_role_reaches_further_than_one_thing()
    {
        foreach (var deployment in await scenes.AllAsync())
        {
            foreach (var grant in deployment.Of("Microsoft.Authorization/roleAssignments").Where(g => !g.Id.Contains("-endpoints/providers/", StringComparison.Ordinal)))
                Assert.True(Scope(grant).Contains("/providers/", StringComparison.Ordinal), $"{grant.Id} is on a whole group or subscription.");
        }
    }

    private static IEnumerable<string> Granted(Deployment deployment)
        => deployment.Of("Microsoft.Authorization/roleAssignments").Select(grant => $"{RoleOf(deployment, grant)} on {Place(Scope(grant))}{Other(grant)}").Order(StringComparer.Ordinal);

    private static string RoleOf(Deployment deployment, Resource grant)
    {
        var id = grant.Text("roleDefinitionId")!.Split('/')[^1];
        return BuiltIn.TryGetValue(id, out var name) ? name
            : deployment.Of(Roles).FirstOrDefault(r => r.Name == id) is { } own ? own.Text("roleName")!.Split(' ')[..^1].Aggregate((a, b) => $"{a} {b}")
            : $"role {id}, which is not in the list,";
    }

    private static string Scope(Resource grant) => grant.Id[..grant.Id.LastIndexOf("/providers/Microsoft.Authorization/", StringComparison.Ordinal)];

    /// <summary>The name of the thing, without the parts that differ between environments.</summary>
    private static string Place(string scope)
    {
        if (!scope.Contains("/providers/", StringComparison.Ordinal))
            return "its resource group";
        var name = scope.Split('/')[^1];
        return name.StartsWith("earhost", StringComparison.Ordinal) ? "earhost" : name.StartsWith("eardata", StringComparison.Ordinal) ? "eardata"
            : name is "ear-events" or "ear-data" or "ear-copies" || name.Contains('.', StringComparison.Ordinal) ? name : name.Split('-')[0];
    }

    private static string Other(Resource grant)
        => grant.Text("principalId") is { } id && id.Contains("/userAssignedIdentities/", StringComparison.Ordinal) ? "" : $", by {grant.Text("principalId")}";
}
