using Ear.PrivateEndpoints;

namespace Ear.Providers.Tests.AzurePrivateLink;

/// <summary>An endpoint and the record of its deployment go, from whatever state.</summary>
public sealed class DeletedLinkTests
{
    [Theory]
    [InlineData("accepted")]
    [InlineData("running")]
    [InlineData("pending")]
    [InlineData("approved")]
    [InlineData("rejected")]
    [InlineData("failed")]
    [InlineData("record cleared")]
    public async Task Endpoint_and_record_go_from_every_state(string state)
    {
        await using var world = await AzureLinkWorld.StartAsync();
        await EnterAsync(world, state);

        await GoneAsync(world);

        Assert.Empty(world.Arm.Endpoints);
        Assert.Empty(world.Arm.Deployments);
    }

    [Fact]
    public async Task Each_lost_answer_is_found_out_by_the_next_look()
    {
        await using var world = await AzureLinkWorld.StartAsync();
        await world.MakeAsync();
        world.Fails(new ArmFault("DELETE /providers/Microsoft.Network", 0) { AfterEffect = true });
        world.Fails(new ArmFault("DELETE /providers/Microsoft.Resources", 0) { AfterEffect = true });

        Assert.IsType<PrivateLinkSight.Unknown>(await world.DeleteAsync());
        await GoneAsync(world);

        Assert.Equal((1, 1), (world.Asked("DELETE /providers/Microsoft.Network"), world.Asked("DELETE /providers/Microsoft.Resources")));
    }

    [Fact]
    public async Task What_is_being_deleted_is_not_deleted_again()
    {
        await using var world = await AzureLinkWorld.StartAsync();
        await world.MakeAsync();

        for (var looks = 0; looks < 3; looks++)
            Assert.IsType<PrivateLinkSight.UnderWay>(await world.DeleteAsync());

        Assert.Equal(1, world.Asked("DELETE"));
    }

    [Fact]
    public async Task A_lock_is_told_because_somebody_has_to_take_it_away()
    {
        await using var world = await AzureLinkWorld.StartAsync();
        await world.MakeAsync();
        world.Fails(new ArmFault("DELETE ", 409, "ScopeLocked", "The scope cannot perform delete operation because following scope(s) are locked."));

        Assert.StartsWith("ScopeLocked: ", Assert.IsType<PrivateLinkSight.Broken>(await world.DeleteAsync()).Reason, StringComparison.Ordinal);
        await GoneAsync(world);
    }

    [Theory]
    [InlineData(409, "AnotherOperationInProgress")]
    [InlineData(403, "AuthorizationFailed")]
    [InlineData(400, "InvalidRequestContent")]
    [InlineData(502, "BadGateway")]
    public async Task Refused_for_now_it_stays_and_is_asked_again(int status, string code)
    {
        await using var world = await AzureLinkWorld.StartAsync();
        await world.MakeAsync();
        world.Fails(new ArmFault("DELETE ", status, code, "No."));

        Assert.IsType<PrivateLinkSight.Unknown>(await world.DeleteAsync());
        Assert.Single(world.Arm.Endpoints);
        await GoneAsync(world);
    }

    private static async Task EnterAsync(AzureLinkWorld world, string state)
    {
        world.Arm.NextFailure = state == "failed" ? ArmStandIn.Failure("InternalServerError", "An error occurred.") : null;
        await world.EnsureAsync();
        for (var steps = state switch { "accepted" => 0, "running" => 1, _ => 2 }; steps > 0; steps--)
            world.Arm.Work();
        if (state is "approved" or "rejected")
            world.Arm.Decide(AzureLinkWorld.Order.Id, state == "approved" ? "Approved" : "Rejected");
        if (state == "record cleared")
            world.Arm.Deployments.Clear();
    }

    /// <summary>As the orchestration does it: asked, waited for, asked again.</summary>
    private static async Task GoneAsync(AzureLinkWorld world)
    {
        for (var looks = 0; looks < 10; looks++)
        {
            if (await world.DeleteAsync() is PrivateLinkSight.Absent)
                return;
            world.Arm.Work();
        }
        Assert.Fail("It did not go.");
    }
}
