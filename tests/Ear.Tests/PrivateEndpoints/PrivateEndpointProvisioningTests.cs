using Ear.CustomerKeys;
using Ear.Outcomes;
using Ear.PrivateEndpoints;
using Ear.Tests.Fakes;

namespace Ear.Tests.PrivateEndpoints;

/// <summary>What happens between a wish, a cloud and a customer.</summary>
public sealed class PrivateEndpointProvisioningTests
{
    private readonly EndpointWorld world = new();

    [Fact]
    public async Task An_endpoint_waits_for_its_approval_and_is_active_after_it()
    {
        var endpoint = await world.MakeAsync();
        Assert.Equal("/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop/providers/Microsoft.KeyVault/vaults/orders", endpoint.Target);
        await world.LookAsync(endpoint.Id);
        Assert.Equal(PrivateEndpointStatus.Initiating, world.All.Single().Status);

        world.Cloud.Becomes(endpoint.Id, new PrivateLinkSight.AwaitingApproval("ear-orders"));
        await world.LookAsync(endpoint.Id);
        Assert.Equal((PrivateEndpointStatus.PendingAcceptance, "ear-orders"), (world.All.Single().Status, world.All.Single().ConnectionName));

        world.Cloud.Becomes(endpoint.Id, new PrivateLinkSight.Up("ear-orders", "10.1.0.4"));
        await world.LookAsync(endpoint.Id);
        Assert.Equal((PrivateEndpointStatus.Active, "10.1.0.4"), (world.All.Single().Status, world.All.Single().Address));
        Assert.Equal([$"CREATED {endpoint.Id} owner"], world.Events);
    }

    [Fact]
    public async Task A_rejected_connection_is_made_again_and_the_old_one_goes_when_the_new_one_is_up()
    {
        var old = await world.MakeActiveAsync();
        world.Cloud.Becomes(old.Id, new PrivateLinkSight.Rejected());

        await world.SettleAsync();

        var next = world.All.Single(e => e.Id != old.Id);
        Assert.Equal(PrivateEndpointStatus.PendingRecreation, world.All.Single(e => e.Id == old.Id).Status);
        Assert.Equal((PrivateEndpointStatus.Initiating, EndpointWorld.Region, old.Target), (next.Status, next.RegionName, next.Target));
        Assert.False(world.Cloud.Links.ContainsKey(old.Id));

        world.Cloud.Becomes(next.Id, new PrivateLinkSight.AwaitingApproval("again"));
        await world.SettleAsync();
        Assert.Equal(2, world.All.Count);
        world.Cloud.Becomes(next.Id, new PrivateLinkSight.Up("again"));
        await world.SettleAsync();

        Assert.Equal((next.Id, PrivateEndpointStatus.Active), (world.All.Single().Id, world.All.Single().Status));
        Assert.Equal([$"CREATED {old.Id} owner", $"CREATED {next.Id} ear", $"DELETED {old.Id} ear"], world.Events);
    }

    [Fact]
    public async Task A_link_that_the_cloud_does_not_find_for_a_moment_keeps_its_endpoint_and_its_traffic()
    {
        var active = await world.MakeActiveAsync();
        foreach (var absences in new[] { 1, 6, 1 })
        {
            world.Cloud.IsForgetful = true;
            for (var looks = 0; looks < absences; looks++)
            {
                Assert.Equal(PrivateEndpointStates.Soon, (await world.LookAsync(active.Id)).LookAgain);
                world.Time.Advance(PrivateEndpointStates.Soon);
            }
            Assert.Single(await new PrivateWays(world.Store).ToAsync(EndpointWorld.Project.Id, KeyProvider.Azure, active.Target, default));
            world.Cloud.IsForgetful = false;
            await world.LookAsync(active.Id);
        }

        Assert.Equal(active, world.All.Single());
        Assert.True(world.Cloud.Links.ContainsKey(active.Id));
    }

    [Fact]
    public async Task A_link_that_the_cloud_does_not_find_for_a_minute_is_made_again()
    {
        var active = await world.MakeActiveAsync();
        world.Cloud.Remove(active.Id);
        await world.LookAsync(active.Id);
        world.Time.Advance(PrivateEndpointStates.AbsenceProven);

        await world.LookAsync(active.Id);

        Assert.Equal(PrivateEndpointStatus.PendingRecreation, world.All.Single().Status);
        Assert.StartsWith("The connection was removed", world.All.Single().ErrorMessage);
    }

    [Fact]
    public async Task An_active_endpoint_whose_cloud_failed_to_change_it_goes_on_and_tells_the_reason()
    {
        var active = await world.MakeActiveAsync();
        world.Cloud.Becomes(active.Id, new PrivateLinkSight.Broken("A policy's tag could not be written"));
        await world.SettleAsync();

        Assert.Equal(PrivateEndpointStatus.Active, world.All.Single().Status);
        Assert.EndsWith(": A policy's tag could not be written.", world.All.Single().ErrorMessage);
        Assert.Single(await new PrivateWays(world.Store).ToAsync(EndpointWorld.Project.Id, KeyProvider.Azure, active.Target, default));

        world.Cloud.Becomes(active.Id, new PrivateLinkSight.Up("ear", "10.1.0.4"));
        await world.SettleAsync();
        Assert.Equal(active, world.All.Single());
    }

    [Fact]
    public async Task Whoever_takes_the_region_first_is_the_replacement()
    {
        var old = await world.MakeActiveAsync();
        world.Cloud.Becomes(old.Id, new PrivateLinkSight.Rejected());
        await world.LookAsync(old.Id);

        var taken = await world.MakeAsync();
        await world.SettleAsync();

        Assert.Equal(taken.Id, world.All.Single(e => e.Id == old.Id).Replacement);
        Assert.Equal(2, world.All.Count);
    }

    [Fact]
    public async Task One_region_has_one_endpoint_and_a_wish_told_twice_is_told_once()
    {
        var endpoint = await world.MakeAsync();

        Assert.Equal(endpoint, (await world.PostAsync(endpoint.Id)).Value);
        Assert.Equal(new Problem.PrivateEndpointExists(KeyProvider.Azure, EndpointWorld.Region, endpoint.Id.Value), (await world.PostAsync(EndpointWorld.Id(9))).Problem);
        Assert.Single(world.Events);
    }

    [Fact]
    public async Task A_deletion_that_comes_while_the_link_is_made_takes_it_along()
    {
        var endpoint = await world.MakeAsync();
        world.Cloud.BeforeAnswer = () =>
        {
            world.Cloud.BeforeAnswer = null;
            world.DeleteAsync(endpoint.Id).GetAwaiter().GetResult();
        };

        await world.SettleAsync();

        Assert.Empty(world.All);
        Assert.Empty(world.Cloud.Links);
    }

    [Fact]
    public async Task So_does_one_that_is_over_before_the_link_is_made()
    {
        var endpoint = await world.MakeAsync();
        world.Cloud.BeforeAnswer = () =>
        {
            world.Cloud.BeforeAnswer = null;
            world.DeleteAsync(endpoint.Id).GetAwaiter().GetResult();
            world.LookAsync(endpoint.Id).GetAwaiter().GetResult();
            // The first look's order arrives at last.
            world.Cloud.EnsureAsync(endpoint.Order, default).GetAwaiter().GetResult();
        };

        Assert.Null((await world.LookAsync(endpoint.Id)).LookAgain);

        Assert.Empty(world.All);
        Assert.Empty(world.Cloud.Links);
    }

    [Fact]
    public async Task A_replacement_whose_making_was_not_written_down_does_not_come_back_after_it_was_deleted()
    {
        var old = await world.MakeActiveAsync();
        world.Cloud.Becomes(old.Id, new PrivateLinkSight.Rejected());
        await world.LookAsync(old.Id);
        // The replacement is on the disk, and we die before its predecessor knows.
        world.Store.Fault = at => { if (at is SavePoint.AfterCommit) throw new IOException("died"); };
        await Assert.ThrowsAsync<IOException>(() => world.LookAsync(old.Id));
        world.Store.Fault = null;
        var replacement = world.All.Single(e => e.Id != old.Id);

        await world.DeleteAsync(replacement.Id);
        await world.LookAsync(replacement.Id);
        await world.SettleAsync();

        Assert.Empty(world.All);
        Assert.Empty(world.Cloud.Links);
    }

    [Fact]
    public async Task Nobody_answering_ends_nothing_but_a_provisioning_that_takes_too_long()
    {
        var active = await world.MakeActiveAsync();
        world.Cloud.IsReachable = false;
        world.Time.Advance(TimeSpan.FromDays(3));
        await world.SettleAsync();
        Assert.Equal(PrivateEndpointStatus.Active, world.All.Single().Status);

        await world.DeleteAsync(active.Id);
        var late = await world.MakeAsync();
        await world.SettleAsync();
        Assert.Equal(PrivateEndpointStatus.Initiating, world.All.Single(e => e.Id == late.Id).Status);
        world.Time.Advance(TimeSpan.FromMinutes(61));
        await world.SettleAsync();

        Assert.Equal(PrivateEndpointStatus.Failed, world.All.Single(e => e.Id == late.Id).Status);
        Assert.Equal(PrivateEndpointStatus.Deleting, world.All.Single(e => e.Id == active.Id).Status);
    }

    [Fact]
    public async Task An_endpoint_made_while_private_networking_is_switched_off_goes_again()
    {
        var stale = EndpointWorld.Project;
        var (project, version) = (await world.Store.FindAsync(stale.Id, default))!;
        await world.Store.SaveAsync(project with { EncryptionAtRest = EncryptionAtRest.Off }, version, [], default);

        var outcome = await world.Wishes.CreateAsync(stale, EndpointWorld.Id(1), KeyProvider.Azure, EndpointWorld.Region, "owner", default);

        Assert.IsType<Problem.EncryptionAtRestNotEnabled>(outcome.Problem);
        await world.SettleAsync();
        Assert.Empty(world.All);
    }
}
