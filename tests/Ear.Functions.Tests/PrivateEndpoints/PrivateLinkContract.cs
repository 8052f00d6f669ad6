using Ear.CustomerKeys;
using Ear.Local.Kms;
using Ear.Local.PrivateLink;
using Ear.PrivateEndpoints;
using Ear.Projects;
using Ear.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Functions.Tests.PrivateEndpoints;

public sealed class FakePrivateLinkContract : PrivateLinkContract
{
    private readonly FakePrivateLink link = new(KeyProvider.Azure);

    protected override Task<IPrivateLink> OpenAsync() => Task.FromResult<IPrivateLink>(link);

    protected override Task PassAsync(PrivateLinkOrder order)
    {
        if (link.Links.GetValueOrDefault(order.Id) is PrivateLinkSight.UnderWay)
            link.Becomes(order.Id, new PrivateLinkSight.AwaitingApproval("ear"));
        return Task.CompletedTask;
    }
}

public sealed class LocalPrivateLinkContract : PrivateLinkContract, IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ear-links-").FullName;
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private LocalKms? kms;

    public async ValueTask DisposeAsync()
    {
        if (kms is not null)
            await kms.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    protected override async Task<IPrivateLink> OpenAsync()
    {
        kms = await LocalKms.StartAsync(new LocalKmsOptions { DataDirectory = folder }, time, TestContext.Current.CancellationToken);
        return new LocalPrivateLink(kms.PrivateLinks, KeyProvider.Azure);
    }

    protected override Task PassAsync(PrivateLinkOrder order)
    {
        time.Advance(SimulatedLink.Moment);
        return Task.CompletedTask;
    }
}

/// <summary>What every <see cref="IPrivateLink"/> keeps to; shown by a link of Azure.</summary>
public abstract class PrivateLinkContract
{
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
        await PassAsync(One);

        Assert.IsType<PrivateLinkSight.Absent>(await link.DeleteAsync(One, Cancellation));
        Assert.IsType<PrivateLinkSight.Absent>(await link.LookAsync(One, Cancellation));
        Assert.IsNotType<PrivateLinkSight.Absent>(await link.LookAsync(Other, Cancellation));
    }

    protected abstract Task<IPrivateLink> OpenAsync();

    /// <summary>The time that the cloud needs passes.</summary>
    protected abstract Task PassAsync(PrivateLinkOrder order);

    private static PrivateLinkOrder Order(char id)
        => new(PrivateEndpointId.FromValid(new string(id, 24)), ProjectId.FromValid(new string('1', 24)), KeyProvider.Azure, "US_EAST_2", "vault");
}
