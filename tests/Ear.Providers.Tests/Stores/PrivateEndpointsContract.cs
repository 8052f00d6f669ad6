using Ear.CustomerKeys;
using Ear.PrivateEndpoints;
using Ear.Projects;
using Ear.Providers.Tests.AzureTables;

namespace Ear.Providers.Tests.Stores;

public sealed class PrivateEndpointsInMemory() : PrivateEndpointsContract(new InMemoryUnderTest());

public sealed class PrivateEndpointsInSqlite() : PrivateEndpointsContract(new SqliteUnderTest());

public sealed class PrivateEndpointsInAzure() : PrivateEndpointsContract(new AzureUnderTest());

public abstract class PrivateEndpointsContract : IDisposable
{
    private readonly StoreUnderTest _store;
    private readonly ProjectId _project = Some.Id<ProjectId>();

    private protected PrivateEndpointsContract(StoreUnderTest store) => _store = store;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task An_endpoint_is_found_as_it_was_saved_listed_by_id_and_forgotten()
    {
        var one = Endpoint() with { Status = PrivateEndpointStatus.PendingRecreation, ErrorMessage = "rejected", ConnectionName = "ear", AbsentSince = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), Replacement = Some.Id<PrivateEndpointId>(), DeletionRequestedBy = "owner" };
        var other = Endpoint("US_WEST");
        await SaveAsync(one);
        await SaveAsync(other);

        Assert.Equal(new Stored<PrivateEndpoint>(one, 1), await _store.PrivateEndpoints.FindAsync(_project, one.Id, Cancellation));
        Assert.Equal(
            new[] { one, other }.OrderBy(e => e.Id.Value, StringComparer.Ordinal),
            (await _store.PrivateEndpoints.ListAsync(_project, Cancellation)).Select(e => e.Document));
        Assert.Empty(await _store.PrivateEndpoints.ListAsync(Some.Id<ProjectId>(), Cancellation));

        Assert.Equal(SaveResult.Conflict, await _store.PrivateEndpoints.DeleteAsync(one, 2, [Some.Event(_project)], Cancellation));
        Assert.Empty(await _store.Outbox.PendingAsync(10, Cancellation));
        Assert.True((await _store.PrivateEndpoints.DeleteAsync(one, 1, [Some.Event(_project)], Cancellation)).Saved);
        Assert.Null(await _store.PrivateEndpoints.FindAsync(_project, one.Id, Cancellation));
        Assert.Single(await _store.Outbox.PendingAsync(10, Cancellation));
    }

    [Fact]
    public async Task One_region_of_a_provider_is_held_by_one_endpoint()
    {
        await SaveAsync(Endpoint());

        Assert.Equal(SaveResult.Conflict, await _store.PrivateEndpoints.SaveAsync(Endpoint(), 0, [Some.Event(_project)], Cancellation));
        Assert.Empty(await _store.Outbox.PendingAsync(10, Cancellation));
        await SaveAsync(Endpoint("US_EAST", KeyProvider.Aws));
        await SaveAsync(Endpoint("US_WEST"));
        await SaveAsync(Endpoint() with { ProjectId = Some.Id<ProjectId>() });
    }

    [Theory]
    [InlineData(PrivateEndpointStatus.PendingRecreation)]
    [InlineData(PrivateEndpointStatus.Deleting)]
    public async Task One_that_is_on_its_way_out_makes_room_and_does_not_come_back_beside_another(PrivateEndpointStatus status)
    {
        var first = Endpoint();
        await SaveAsync(first);
        Assert.True((await _store.PrivateEndpoints.SaveAsync(first with { Status = status }, 1, [], Cancellation)).Saved);

        await SaveAsync(Endpoint());

        Assert.Equal(SaveResult.Conflict, await _store.PrivateEndpoints.SaveAsync(first with { Status = PrivateEndpointStatus.Active }, 2, [], Cancellation));
    }

    [Fact]
    public async Task Every_endpoint_but_a_failed_one_gets_its_turn()
    {
        var regions = new[] { "US_EAST", "US_WEST", "UK_SOUTH", "UK_WEST", "ASIA_EAST" };
        var all = regions.Select(r => Endpoint(r)).ToList();
        foreach (var endpoint in all)
            await SaveAsync(endpoint);
        await _store.PrivateEndpoints.SaveAsync(all[0] with { Status = PrivateEndpointStatus.Failed }, 1, [], Cancellation);
        await _store.PrivateEndpoints.SaveAsync(all[1] with { Status = PrivateEndpointStatus.Active }, 1, [], Cancellation);

        var seen = new HashSet<PrivateEndpointRef>();
        for (var turn = 0; turn < 2; turn++)
            seen.UnionWith(await _store.UnfinishedEndpoints.ListAsync(2, Cancellation));

        Assert.Equal(all.Skip(1).Select(e => e.Ref).ToHashSet(), seen);
        Assert.Equal(4, (await _store.UnfinishedEndpoints.ListAsync(9, Cancellation)).Count);
    }

    [Fact]
    public async Task Of_many_who_take_a_region_one_does()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(
            () => _store.PrivateEndpoints.SaveAsync(Endpoint(), 0, [Some.Event(_project)], Cancellation), Cancellation)));

        Assert.Single(results, r => r.Saved);
        Assert.Single(await _store.PrivateEndpoints.ListAsync(_project, Cancellation));
        Assert.Single(await _store.Outbox.PendingAsync(100, Cancellation));
    }

    private PrivateEndpoint Endpoint(string region = "US_EAST", KeyProvider provider = KeyProvider.Azure)
        => new(Some.Id<PrivateEndpointId>(), _project, provider, region, "target", Some.Noon, Some.Noon.AddHours(1));

    private async Task SaveAsync(PrivateEndpoint endpoint) => Assert.True((await _store.PrivateEndpoints.SaveAsync(endpoint, 0, [], Cancellation)).Saved);
}
