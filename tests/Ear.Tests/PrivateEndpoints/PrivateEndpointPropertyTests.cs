using CsCheck;
using Ear.PrivateEndpoints;

namespace Ear.Tests.PrivateEndpoints;

/// <summary>Whatever customers, clouds and crashes do, in whatever order.</summary>
public sealed class PrivateEndpointPropertyTests
{
    private enum Happening
    {
        Post,
        Delete,
        Look,
        LookAndLoseTheAnswer,
        LookAndDie,
        Pending,
        Approve,
        Reject,
        RemoveConnection,
        Fail,
        Outage,
        Recovery,
        HalfAnHour,
    }

    [Fact]
    public void No_sequence_leaves_two_in_a_region_or_one_stuck_or_a_link_behind()
        => Gen.Select(Gen.Enum<Happening>(), Gen.Int[0, 7]).Array[1, 60].Sample(happenings =>
        {
            var world = new EndpointWorld();
            foreach (var (happening, whom) in happenings)
            {
                var made = world.All.Where(e => e.Status is PrivateEndpointStatus.Active or PrivateEndpointStatus.PendingAcceptance).Select(e => e.Id).ToHashSet();
                Happen(world, happening, whom).GetAwaiter().GetResult();
                Assert.DoesNotContain(world.All, e => e.Status is PrivateEndpointStatus.Failed && made.Contains(e.Id));
                Assert.True(world.All.Count(e => e.HoldsRegion) <= 1, "Two endpoints hold one region.");
                Assert.True(world.All.Count(e => e.Status is PrivateEndpointStatus.PendingRecreation) <= 2, "Replaced endpoints pile up.");
            }
            EndsWellAsync(world).GetAwaiter().GetResult();
        }, iter: 3_000);

    private static async Task EndsWellAsync(EndpointWorld world)
    {
        world.Cloud.IsReachable = true;
        for (var round = 0; round < 3; round++)
        {
            await world.SettleAsync();
            foreach (var link in world.Cloud.Links.Where(l => l.Value is PrivateLinkSight.UnderWay or PrivateLinkSight.AwaitingApproval or PrivateLinkSight.Broken).ToList())
                world.Cloud.Becomes(link.Key, new PrivateLinkSight.Up("ear"));
        }
        await world.SettleAsync();
        Assert.All(world.All, e => Assert.True(
            e.Status is PrivateEndpointStatus.Active or PrivateEndpointStatus.Failed || (e.Status is PrivateEndpointStatus.PendingRecreation && world.All.Any(f => f.Status is PrivateEndpointStatus.Failed)), $"Stuck: {e}"));
        Assert.All(world.Cloud.Links.Keys, id => Assert.Contains(world.All, e => e.Id == id));

        foreach (var endpoint in world.All)
            await world.DeleteAsync(endpoint.Id);
        await world.SettleAsync();
        Assert.Empty(world.All);
        Assert.Empty(world.Cloud.Links);
    }

    private static async Task Happen(EndpointWorld world, Happening happening, int whom)
    {
        if (happening is Happening.Post)
            await world.PostAsync(EndpointWorld.Id(world.Store.AllEvents.Count + 1));
        else if (happening is Happening.Outage or Happening.Recovery)
            world.Cloud.IsReachable = happening is Happening.Recovery;
        else if (happening is Happening.HalfAnHour)
            world.Time.Advance(TimeSpan.FromMinutes(30));
        else if (world.All is { Count: > 0 } all)
            await Happen(world, happening, all[whom % all.Count].Id);
    }

    private static async Task Happen(EndpointWorld world, Happening happening, PrivateEndpointId id)
    {
        switch (happening)
        {
            case Happening.Delete:
                await world.DeleteAsync(id);
                break;
            case Happening.LookAndLoseTheAnswer:
                world.Cloud.BeforeAnswer = () => throw new IOException("lost");
                await DyingAsync(world, id);
                break;
            case Happening.LookAndDie:
                world.Store.Fault = at => { if (at is Fakes.SavePoint.AfterCommit) throw new IOException("died"); };
                await DyingAsync(world, id);
                break;
            case Happening.Pending:
                world.Cloud.Becomes(id, new PrivateLinkSight.AwaitingApproval("ear"));
                break;
            case Happening.Approve:
                world.Cloud.Becomes(id, new PrivateLinkSight.Up("ear"));
                break;
            case Happening.Reject:
                world.Cloud.Becomes(id, new PrivateLinkSight.Rejected());
                break;
            case Happening.RemoveConnection:
                world.Cloud.Remove(id);
                break;
            case Happening.Fail:
                world.Cloud.Becomes(id, new PrivateLinkSight.Broken("No address is left"));
                break;
            default:
                await world.LookAsync(id);
                break;
        }
    }

    private static async Task DyingAsync(EndpointWorld world, PrivateEndpointId id)
    {
        try
        {
            await world.LookAsync(id);
        }
        catch (IOException)
        {
            // The next look is another process's.
        }
        (world.Cloud.BeforeAnswer, world.Store.Fault) = (null, null);
    }
}
