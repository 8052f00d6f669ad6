using Ear.CustomerKeys;
using Ear.PrivateEndpoints;
using Ear.Projects;

namespace Ear.Tests.PrivateEndpoints;

/// <summary>What every <see cref="IPrivateLink"/> keeps to; shown by a link of Azure.</summary>
public abstract class PrivateLinkContract
{
    /// <summary>A cloud takes a link away in parts.</summary>
    private const int MostSteps = 5;

    private static readonly PrivateLinkOrder One = Order('a');
    private static readonly PrivateLinkOrder Other = Order('b');

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_link_that_nobody_made_is_absent_and_looking_makes_none()
    {
        var link = await OpenAsync();

        for (var times = 0; times < 2; times++)
            Assert.IsType<PrivateLinkSight.Absent>(await link.LookAsync(One, Cancellation));
        Assert.IsType<PrivateLinkSight.Absent>(await link.DeleteAsync(One, Cancellation));
    }

    [Fact]
    public async Task Made_twice_it_is_made_once_and_it_waits_for_its_approval_in_the_end()
    {
        var link = await OpenAsync();

        Assert.IsType<PrivateLinkSight.UnderWay>(await link.EnsureAsync(One, Cancellation));
        Assert.IsType<PrivateLinkSight.UnderWay>(await link.EnsureAsync(One, Cancellation));
        await PassAsync(One);

        var waiting = Assert.IsType<PrivateLinkSight.AwaitingApproval>(await link.LookAsync(One, Cancellation));
        Assert.NotEmpty(waiting.ConnectionName);
        Assert.Equal(waiting, await link.EnsureAsync(One, Cancellation));
        Assert.IsType<PrivateLinkSight.Absent>(await link.LookAsync(Other, Cancellation));
    }

    [Fact]
    public async Task Taken_away_it_goes_in_the_end_and_no_other_one_with_it()
    {
        var link = await OpenAsync();
        await link.EnsureAsync(One, Cancellation);
        await link.EnsureAsync(Other, Cancellation);

        Assert.True(await link.DeleteAsync(One, Cancellation) is PrivateLinkSight.UnderWay or PrivateLinkSight.Absent);
        for (var steps = 0; steps < MostSteps && await link.DeleteAsync(One, Cancellation) is not PrivateLinkSight.Absent; steps++)
            await PassAsync(One);

        Assert.IsType<PrivateLinkSight.Absent>(await link.DeleteAsync(One, Cancellation));
        Assert.IsType<PrivateLinkSight.Absent>(await link.LookAsync(One, Cancellation));
        Assert.IsNotType<PrivateLinkSight.Absent>(await link.LookAsync(Other, Cancellation));
    }

    protected abstract Task<IPrivateLink> OpenAsync();

    /// <summary>The time that the cloud needs passes.</summary>
    protected abstract Task PassAsync(PrivateLinkOrder order);

    private static PrivateLinkOrder Order(char id)
        => new(PrivateEndpointId.FromValid(new string(id, 24)), ProjectId.FromValid(new string('1', 24)), KeyProvider.Azure, "US_EAST_2",
            "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop/providers/Microsoft.KeyVault/vaults/orders");
}
