using System.Net;
using Ear.Local.Kms.Azure;
using Ear.Local.Kms.Azure.Vault;

namespace Ear.Local.Tests.Kms.Azure;

/// <summary>Permissions and network rules, in the real vault's words.</summary>
public sealed class VaultAccessTests
{
    [Fact]
    public async Task A_permission_that_was_taken_is_refused_by_role_assignment_or_by_policy()
    {
        await using var world = await AzureWorld.StartAsync();
        world.Service.Keys.Create("orders");
        var ear = await world.AccessTokenAsync(("client_id", world.Service.EarAppId), ("client_secret", world.Service.EarAppSecret));
        world.Service.Access.Allow(world.Service.EarAppId, ["GetKey"]);
        var body = new { alg = "RSA-OAEP-256", value = "AAAA" };

        var byRole = (await world.PostAsync("/keys/orders/wrapkey", body, ear)).Error;
        Assert.Equal((403, "Forbidden", "ForbiddenByRbac"), (byRole.Item1, byRole.Item2, byRole.Item3));
        Assert.StartsWith("Caller is not authorized to perform action on resource.\r\n", byRole.Item4);
        Assert.Contains($"Caller: appid={world.Service.EarAppId};", byRole.Item4);
        Assert.Contains("Action: 'Microsoft.KeyVault/vaults/keys/wrap/action'", byRole.Item4);

        world.Service.Access.Model = PermissionModel.AccessPolicies;
        var byPolicy = (await world.PostAsync("/keys/orders/wrapkey", body, ear)).Error;
        Assert.Equal((403, "Forbidden", "ForbiddenByPolicy"), (byPolicy.Item1, byPolicy.Item2, byPolicy.Item3));
        Assert.Contains("does not have keys wrapKey permission on key vault", byPolicy.Item4);

        Assert.Equal(HttpStatusCode.OK, (await world.GetAsync("/keys/orders", ear)).Status);
        Assert.Equal(HttpStatusCode.OK, (await world.PostAsync("/keys/orders/wrapkey", body)).Status);
        world.Service.Access.Allow(world.Service.EarAppId, null);
        Assert.Equal(HttpStatusCode.OK, (await world.PostAsync("/keys/orders/wrapkey", body, ear)).Status);
    }

    [Theory]
    [InlineData("Firewall", "ForbiddenByFirewall", "Client address is not authorized and caller is not a trusted service.")]
    [InlineData("PrivateLinkOnly", "ForbiddenByConnection", "Public network access is disabled")]
    public async Task A_network_that_may_not_is_refused_and_may_still_get_a_token(string rule, string inner, string text)
    {
        await using var world = await AzureWorld.StartAsync();
        world.Service.Keys.Create("orders");
        world.Service.Access.Network = Enum.Parse<NetworkRule>(rule);

        var refused = (await world.GetAsync("/keys/orders")).Error;

        Assert.Equal((403, "Forbidden", inner), (refused.Item1, refused.Item2, refused.Item3));
        Assert.StartsWith(text, refused.Item4);
        world.Service.Access.Network = NetworkRule.None;
        Assert.Equal(HttpStatusCode.OK, (await world.GetAsync("/keys/orders")).Status);
    }

    [Fact]
    public async Task An_operation_that_does_not_exist_cannot_be_allowed()
    {
        await using var world = await AzureWorld.StartAsync();

        Assert.Contains("Known: CreateKey", Assert.Throws<AzureRefusal>(() => world.Service.Access.Allow(world.Service.EarAppId, ["Unwrap"])).Message);
    }
}
