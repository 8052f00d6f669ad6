using Ear.PrivateEndpoints;
using Ear.Tests.PrivateEndpoints;

namespace Ear.Providers.Tests.AzurePrivateLink;

public sealed class AzurePrivateLinkContract : PrivateLinkContract, IAsyncDisposable
{
    private AzureLinkWorld? world;

    public async ValueTask DisposeAsync()
    {
        if (world is not null)
            await world.DisposeAsync();
    }

    protected override async Task<IPrivateLink> OpenAsync()
    {
        world = await AzureLinkWorld.StartAsync();
        return world.Link;
    }

    protected override Task PassAsync(PrivateLinkOrder order)
    {
        world!.Arm.Work();
        world.Arm.Work();
        return Task.CompletedTask;
    }
}

/// <summary>Private endpoints in Azure as its resource manager has them made, approved, rejected and deleted.</summary>
public sealed class AzurePrivateLinkTests
{
    [Fact]
    public async Task It_is_one_incremental_deployment_of_the_template_and_up_when_the_customer_approved()
    {
        await using var world = await AzureLinkWorld.StartAsync();

        Assert.IsType<PrivateLinkSight.UnderWay>(await world.EnsureAsync());
        var deployment = world.Arm.Deployments[$"ear-{AzureLinkWorld.Order.Id}"];
        Assert.Equal("Incremental", deployment.Mode);
        Assert.Equal(("eastus2", AzureLinkWorld.Subnet, "", AzureLinkWorld.Order.Target), (deployment.Parameters["location"], deployment.Parameters["subnetId"], deployment.Parameters["privateDnsZoneId"], deployment.Parameters["keyVaultResourceId"]));
        Assert.Equal((new string('1', 24), new string('a', 24)), (deployment.Tags["ear-project"]!.GetValue<string>(), deployment.Tags["ear-private-endpoint"]!.GetValue<string>()));
        Assert.Contains(new string('a', 24), deployment.Parameters["requestMessage"], StringComparison.Ordinal);

        world.Arm.Work();
        Assert.IsType<PrivateLinkSight.UnderWay>(await world.EnsureAsync());
        Assert.IsType<PrivateLinkSight.UnderWay>(await world.LookAsync());
        world.Arm.Work();
        Assert.Equal(new PrivateLinkSight.AwaitingApproval($"ear-{AzureLinkWorld.Order.Id}"), await world.EnsureAsync());
        world.Arm.Decide(AzureLinkWorld.Order.Id, "Approved");

        var up = new PrivateLinkSight.Up($"ear-{AzureLinkWorld.Order.Id}", ArmStandIn.Address);
        Assert.Equal((up, up), (await world.EnsureAsync(), await world.LookAsync()));
        Assert.Equal(1, world.Asked("PUT"));
    }

    [Theory]
    [InlineData("Rejected")]
    [InlineData("Disconnected")]
    public async Task A_connection_that_its_owner_takes_away_is_rejected_whatever_state_the_endpoint_is_in(string status)
    {
        await using var world = await AzureLinkWorld.StartAsync();
        await world.MakeAsync();

        foreach (var state in new[] { "Succeeded", "Updating", "Failed" })
        {
            (world.Arm.Of(AzureLinkWorld.Order.Id).Status, world.Arm.Of(AzureLinkWorld.Order.Id).State) = (status, state);
            Assert.IsType<PrivateLinkSight.Rejected>(await world.LookAsync());
        }
    }

    [Fact]
    public async Task A_state_that_is_not_known_here_proves_nothing()
    {
        await using var world = await AzureLinkWorld.StartAsync();
        await world.MakeAsync();
        world.Arm.Decide(AzureLinkWorld.Order.Id, "Contemplated");

        Assert.Contains("Contemplated", Assert.IsType<PrivateLinkSight.Unknown>(await world.LookAsync()).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_that_azure_could_not_make_is_broken()
    {
        await using var world = await AzureLinkWorld.StartAsync();
        await world.MakeAsync();
        world.Arm.Of(AzureLinkWorld.Order.Id).State = "Failed";

        Assert.Equal(new PrivateLinkSight.Broken("Azure could not make or change the private endpoint: Awaiting Approval"), await world.LookAsync());
    }

    [Fact]
    public async Task An_endpoint_that_was_approved_is_up_though_azure_failed_to_change_it()
    {
        await using var world = await AzureLinkWorld.StartAsync();
        await world.MakeAsync();
        world.Arm.Decide(AzureLinkWorld.Order.Id, "Approved");
        world.Arm.Of(AzureLinkWorld.Order.Id).State = "Failed";

        Assert.Equal(new PrivateLinkSight.Up($"ear-{AzureLinkWorld.Order.Id}", ArmStandIn.Address), await world.LookAsync());
        world.Arm.Of(AzureLinkWorld.Order.Id).Address = null;
        Assert.Equal(new PrivateLinkSight.Broken("Azure could not make or change the private endpoint"), await world.LookAsync());
    }

    [Fact]
    public async Task Approved_without_an_address_it_is_still_under_way()
    {
        await using var world = await AzureLinkWorld.StartAsync();
        await world.MakeAsync();
        world.Arm.Decide(AzureLinkWorld.Order.Id, "Approved");
        world.Arm.Of(AzureLinkWorld.Order.Id).Address = null;

        Assert.IsType<PrivateLinkSight.UnderWay>(await world.LookAsync());
    }

    [Fact]
    public async Task A_lost_answer_makes_no_second_deployment()
    {
        await using var world = await AzureLinkWorld.StartAsync();
        world.Fails(new ArmFault("PUT ", 0) { AfterEffect = true });

        Assert.IsType<PrivateLinkSight.Unknown>(await world.EnsureAsync());
        Assert.IsType<PrivateLinkSight.UnderWay>(await world.EnsureAsync());

        Assert.Equal(1, world.Asked("PUT"));
    }

    [Fact]
    public async Task Two_who_deploy_at_once_make_one()
    {
        await using var world = await AzureLinkWorld.StartAsync();
        world.Fails("GET", 404, "DeploymentNotFound", "Deployment could not be found.").Times = 2;

        Assert.IsType<PrivateLinkSight.UnderWay>(await world.EnsureAsync());
        Assert.IsType<PrivateLinkSight.UnderWay>(await world.EnsureAsync());

        Assert.Equal(2, world.Asked("PUT"));
        Assert.Single(world.Arm.Deployments);
    }

    [Fact]
    public async Task An_endpoint_whose_deployments_record_azure_has_cleared_away_is_still_there()
    {
        await using var world = await AzureLinkWorld.StartAsync();
        await world.MakeAsync();
        world.Arm.Decide(AzureLinkWorld.Order.Id, "Approved");
        world.Arm.Deployments.Clear();

        Assert.IsType<PrivateLinkSight.Up>(await world.LookAsync());
        await world.EnsureAsync();
        world.Arm.Work();
        world.Arm.Work();
        Assert.IsType<PrivateLinkSight.Up>(await world.EnsureAsync());
    }

    [Fact]
    public async Task An_endpoint_that_somebody_removed_is_absent_and_made_again_while_it_is_wanted()
    {
        await using var world = await AzureLinkWorld.StartAsync();
        await world.MakeAsync();
        world.Arm.Endpoints.Clear();

        Assert.IsType<PrivateLinkSight.Absent>(await world.LookAsync());
        Assert.IsType<PrivateLinkSight.UnderWay>(await world.EnsureAsync());
        world.Arm.Work();
        world.Arm.Work();
        Assert.IsType<PrivateLinkSight.AwaitingApproval>(await world.EnsureAsync());
    }

    [Theory]
    [InlineData(404, "ResourceGroupNotFound", "Resource group 'ear-links' could not be found.")]
    [InlineData(404, "SubscriptionNotFound", "The subscription could not be found.")]
    [InlineData(403, "AuthorizationFailed", "The client 'c' with object id 'o' does not have authorization to perform action 'Microsoft.Network/privateEndpoints/read' over scope '/subscriptions/s'.")]
    [InlineData(400, "NoRegisteredProviderFound", "No registered resource provider found.")]
    [InlineData(409, "Conflict", "Not now.")]
    [InlineData(500, "InternalServerError", "Encountered internal server error.")]
    public async Task Only_the_words_that_it_is_not_there_say_so(int status, string code, string message)
    {
        await using var world = await AzureLinkWorld.StartAsync();
        await world.MakeAsync();
        world.Fails(new ArmFault("GET ", status, code, message)).Times = 3;

        Assert.IsType<PrivateLinkSight.Unknown>(await world.LookAsync());
        Assert.IsType<PrivateLinkSight.Unknown>(await world.EnsureAsync());
        Assert.IsType<PrivateLinkSight.Unknown>(await world.DeleteAsync());
        Assert.Single(world.Arm.Endpoints);
    }

    [Fact]
    public async Task A_page_of_something_in_between_is_no_word_of_azure()
    {
        await using var world = await AzureLinkWorld.StartAsync();
        await world.MakeAsync();
        world.Fails(new ArmFault("GET ", 404) { Page = "<html>Not found</html>" });
        world.Fails(new ArmFault("GET ", 200) { Page = "<html>Welcome</html>" });

        Assert.IsType<PrivateLinkSight.Unknown>(await world.LookAsync());
        Assert.IsType<PrivateLinkSight.Unknown>(await world.LookAsync());
    }

    [Fact]
    public async Task Nobody_answering_is_not_an_answer()
    {
        await using var world = await AzureLinkWorld.StartAsync();
        await world.MakeAsync();
        await world.Arm.RefuseAsync(true);

        Assert.Contains("ConnectionRefused", Assert.IsType<PrivateLinkSight.Unknown>(await world.LookAsync()).Why, StringComparison.Ordinal);
        Assert.IsType<PrivateLinkSight.Unknown>(await world.EnsureAsync());
        Assert.IsType<PrivateLinkSight.Unknown>(await world.DeleteAsync());

        Assert.Single(world.Logged, l => l.StartsWith("Private endpoints wait", StringComparison.Ordinal));
        await world.Arm.RefuseAsync(false);
        Assert.IsType<PrivateLinkSight.AwaitingApproval>(await world.LookAsync());
        Assert.Single(world.Logged, l => l.StartsWith("Azure Resource Manager answers", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("37", 37)]
    [InlineData("Sun, 01 Mar 2026 12:01:30 GMT", 90)]
    [InlineData("Sun, 01 Mar 2026 11:00:00 GMT", 0)]
    [InlineData("soon", null)]
    [InlineData(null, null)]
    public async Task Each_operation_is_looked_at_again_when_azure_says_and_not_at_the_address_that_it_tells(string? retryAfter, int? seconds)
    {
        await using var world = await AzureLinkWorld.StartAsync();
        world.Arm.OperationRetryAfter = retryAfter;
        var underWay = new PrivateLinkSight.UnderWay(seconds is { } s ? TimeSpan.FromSeconds(s) : null);

        Assert.Equal(underWay, await world.EnsureAsync());
        world.Arm.Work();
        world.Arm.Work();
        await world.EnsureAsync();
        Assert.Equal(underWay, await world.DeleteAsync());
        world.Arm.Work();
        Assert.Equal(underWay, await world.DeleteAsync());
        world.Arm.Work();
        Assert.IsType<PrivateLinkSight.Absent>(await world.DeleteAsync());

        Assert.Equal(3, world.Arm.OperationsTold);
        Assert.DoesNotContain(world.Arm.Requests, r => r.Contains("operation", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_short_rest_that_is_asked_for_later_does_not_end_a_long_one()
    {
        await using var world = await AzureLinkWorld.StartAsync();
        await world.MakeAsync();
        var answers = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Fails(new ArmFault("GET ", 503, "ServiceUnavailable", "Not now.") { Held = answers.Task });
        world.Fails(new ArmFault("GET ", 429, "TooManyRequests", "The request is being throttled.") { RetryAfter = "300" });
        var before = world.Arm.Requests.Count;
        var slow = world.LookAsync();
        while (world.Arm.Requests.Count == before)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);

        await world.LookAsync();
        answers.SetResult();
        await slow;

        world.Time.Advance(TimeSpan.FromSeconds(299));
        Assert.Contains("left alone for another 1 s", Assert.IsType<PrivateLinkSight.Unknown>(await world.LookAsync()).Why, StringComparison.Ordinal);
        world.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.IsType<PrivateLinkSight.AwaitingApproval>(await world.LookAsync());
    }

    [Theory]
    [InlineData("17", 17)]
    [InlineData("Sun, 01 Mar 2026 12:00:40 GMT", 40)]
    [InlineData("86400", 300)]
    [InlineData(null, 10)]
    public async Task Asked_to_be_left_alone_azure_is_left_alone_so_long(string? retryAfter, int seconds)
    {
        await using var world = await AzureLinkWorld.StartAsync();
        await world.MakeAsync();
        world.Fails(new ArmFault("GET ", 429, "TooManyRequests", "The request is being throttled.") { RetryAfter = retryAfter });
        var before = world.Arm.Requests.Count;

        Assert.IsType<PrivateLinkSight.Unknown>(await world.LookAsync());
        world.Time.Advance(TimeSpan.FromSeconds(seconds - 1));
        Assert.Contains("left alone for another 1 s", Assert.IsType<PrivateLinkSight.Unknown>(await world.LookAsync()).Why, StringComparison.Ordinal);
        Assert.Equal(before + 1, world.Arm.Requests.Count);

        world.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.IsType<PrivateLinkSight.AwaitingApproval>(await world.LookAsync());
    }
}
