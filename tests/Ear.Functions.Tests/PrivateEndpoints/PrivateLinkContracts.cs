using Ear.CustomerKeys;
using Ear.Local.Kms;
using Ear.Local.PrivateLink;
using Ear.PrivateEndpoints;
using Ear.Tests.Fakes;
using Ear.Tests.PrivateEndpoints;
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
