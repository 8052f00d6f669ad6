using Ear.PrivateEndpoints;

namespace Ear.Providers.Tests.AzurePrivateLink;

/// <summary>Deployments that Azure does not take, and those that fail.</summary>
public sealed class RefusedDeploymentTests
{
    private const string NoWrite =
        "The client '11111111-2222-3333-4444-555555555555' with object id '66666666-2222-3333-4444-555555555555' does not have authorization to perform action 'Microsoft.Resources/deployments/write' over scope "
        + "'/subscriptions/s/resourcegroups/ear-links/providers/Microsoft.Resources/deployments/ear-a' or the scope is invalid. If access was recently granted, please refresh your credentials.";

    private const string NoJoin =
        "The client '11111111-2222-3333-4444-555555555555' with object id '66666666-2222-3333-4444-555555555555' has permission to perform action 'Microsoft.Network/privateEndpoints/write' on scope '/subscriptions/s'; however, "
        + "it does not have permission to perform action(s) 'Microsoft.Network/virtualNetworks/subnets/join/action' on the linked scope(s) '/subscriptions/s/subnets/endpoints' (respectively) or the linked scope(s) are invalid.";

    [Fact]
    public async Task A_role_that_is_missing_is_named_and_once_it_is_assigned_all_goes_on()
    {
        await using var world = await AzureLinkWorld.StartAsync();
        world.Fails("PUT", 403, "AuthorizationFailed", NoWrite);

        Assert.Equal(
            "Ear's identity lacks Microsoft.Resources/deployments/write on /subscriptions/s/resourcegroups/ear-links/providers/Microsoft.Resources/deployments/ear-a: assign it a role with that action there (Network Contributor has it)",
            Assert.IsType<PrivateLinkSight.Unknown>(await world.EnsureAsync()).Why);

        Assert.IsType<PrivateLinkSight.UnderWay>(await world.EnsureAsync());
        Assert.Single(world.Logged, l => l.Contains("Microsoft.Resources/deployments/write", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("LinkedAuthorizationFailed", NoJoin, "Ear's identity lacks Microsoft.Network/virtualNetworks/subnets/join/action on /subscriptions/s/subnets/endpoints: assign it a role with that action there (Network Contributor has it)")]
    [InlineData("AnotherOperationInProgress", "Another operation on this or dependent resource is in progress.", "AnotherOperationInProgress: Another operation on this or dependent resource is in progress")]
    public async Task A_deployment_that_failed_for_what_passes_is_tried_again_after_a_minute(string code, string message, string why)
    {
        await using var world = await AzureLinkWorld.StartAsync();
        world.Arm.NextFailure = ArmStandIn.Failure(code, message);
        await world.EnsureAsync();
        world.Arm.Work();
        world.Arm.Work();

        Assert.Equal(why, Assert.IsType<PrivateLinkSight.Unknown>(await world.EnsureAsync()).Why);
        world.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.IsType<PrivateLinkSight.Unknown>(await world.EnsureAsync());
        Assert.Equal(1, world.Asked("PUT"));

        world.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.IsType<PrivateLinkSight.UnderWay>(await world.EnsureAsync());
        world.Arm.Work();
        world.Arm.Work();
        Assert.IsType<PrivateLinkSight.AwaitingApproval>(await world.EnsureAsync());
    }

    [Fact]
    public async Task A_deployment_that_would_fail_for_ever_is_broken_with_the_innermost_reason()
    {
        await using var world = await AzureLinkWorld.StartAsync();
        world.Arm.NextFailure = ArmStandIn.Failure(
            "BadRequest", """{"error":{"code":"PrivateEndpointInvalidPrivateLinkServiceId","message":"The vault 'orders' does not exist.","details":[]}}""");
        await world.EnsureAsync();
        world.Arm.Work();
        world.Arm.Work();

        Assert.Equal(new PrivateLinkSight.Broken("PrivateEndpointInvalidPrivateLinkServiceId: The vault 'orders' does not exist"), await world.EnsureAsync());
        Assert.Equal(1, world.Asked("PUT"));
    }

    [Theory]
    [InlineData(400, "InvalidTemplateDeployment", true)]
    [InlineData(400, "LinkedAuthorizationFailed", false)]
    [InlineData(403, "RequestDisallowedByPolicy", true)]
    [InlineData(409, "ScopeLocked", true)]
    [InlineData(409, "AnotherOperationInProgress", false)]
    [InlineData(409, "DeploymentQuotaExceeded", false)]
    [InlineData(404, "ResourceGroupNotFound", false)]
    [InlineData(401, "ExpiredAuthenticationToken", false)]
    [InlineData(408, "RequestTimeout", false)]
    [InlineData(500, "InternalServerError", false)]
    [InlineData(503, "ServiceUnavailable", false)]
    [InlineData(0, "", false)]
    public async Task Only_what_would_be_refused_for_ever_ends_an_endpoint(int status, string code, bool ends)
    {
        await using var world = await AzureLinkWorld.StartAsync();
        world.Fails("PUT", status, code, "No.");

        var sight = await world.EnsureAsync();

        Assert.Equal(ends, sight is PrivateLinkSight.Broken);
        Assert.Equal(!ends, sight is PrivateLinkSight.Unknown);
    }

    [Fact]
    public async Task A_deployment_that_was_canceled_is_broken()
    {
        await using var world = await AzureLinkWorld.StartAsync();
        await world.EnsureAsync();
        world.Arm.Deployments[$"ear-{AzureLinkWorld.Order.Id}"].State = "Canceled";

        Assert.IsType<PrivateLinkSight.Broken>(await world.EnsureAsync());
    }

    [Fact]
    public async Task A_region_that_lost_its_network_makes_none_and_still_lets_go()
    {
        await using var world = await AzureLinkWorld.StartAsync();
        await world.MakeAsync();
        var order = AzureLinkWorld.Order with { RegionName = "ASIA_EAST" };

        Assert.Equal(new PrivateLinkSight.Broken("This Ear has no network in ASIA_EAST any more; it has in EUROPE_WEST, US_EAST_2"), await world.Link.EnsureAsync(order, TestContext.Current.CancellationToken));
        Assert.IsType<PrivateLinkSight.UnderWay>(await world.Link.DeleteAsync(order, TestContext.Current.CancellationToken));
    }
}
