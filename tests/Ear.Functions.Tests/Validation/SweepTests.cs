using Ear.CustomerKeys;
using Ear.CustomerKeys.Validation;
using Ear.Functions.Tests.Reconciliation;
using Ear.Functions.Validation;
using Ear.Projects;
using Ear.Tests.CustomerKeys.Validation;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Functions.Tests.Validation;

public sealed class SweepTests
{
    private static readonly KeyVerdict Disabled = new KeyVerdict.Invalid(InvalidReason.KeyDisabled, "disabled");
    private static readonly KeyVerdict Denied = new KeyVerdict.Invalid(InvalidReason.PermissionDenied, "denied");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_revoked_key_stops_every_process_and_a_restored_one_brings_them_back()
    {
        await using var world = await EngineWorld.StartAsync();
        await world.CreateAsync(KeyProvider.Aws);
        await world.IdleAsync();

        world.Key.Say(ConfiguredProject.Key, Disabled);
        await SweepAsync(world);
        await world.UntilAsync(async () => world.Nodes.All(n => !n.IsUp) && (await world.ClusterAsync())!.DisabledSince is not null);

        world.Key.Say(ConfiguredProject.Key, new KeyVerdict.Valid());
        await SweepAsync(world);
        await world.UntilAsync(async () => world.Nodes.All(n => n.IsUp) && (await world.ClusterAsync())!.DisabledSince is null);
    }

    [Fact]
    public async Task An_order_that_nobody_heard_is_carried_out_in_the_same_sweep()
    {
        await using var world = await EngineWorld.StartAsync();
        await world.CreateAsync(KeyProvider.Aws);
        await world.IdleAsync();
        world.Key.Say(ConfiguredProject.Key, Disabled);
        // That of the check, and that of the order.
        world.LostWakes = 2;

        await SweepAsync(world);

        Assert.Equal(0, world.LostWakes);
        await world.UntilAsync(async () => world.Nodes.All(n => !n.IsUp) && (await world.ClusterAsync())!.DisabledSince is not null);
    }

    [Fact]
    public async Task A_doubtful_refusal_is_looked_at_again_a_minute_later()
    {
        var time = new FakeTimeProvider(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        await using var world = await EngineWorld.StartAsync(time);
        world.Key.Say(ConfiguredProject.Key, Denied);
        var sweep = await StartAsync(world);
        await SaysAsync(world, s => s.SuspectedSince is not null);
        Assert.Null((await StandingAsync(world)).ShutDownSince);

        await PassAsync(world, time, sweep);
        Assert.NotNull((await StandingAsync(world)).ShutDownSince);
        Assert.Equal(2, world.Key.Checks);
    }

    [Fact]
    public async Task A_doubtful_refusal_that_has_gone_a_minute_later_stops_nothing()
    {
        var time = new FakeTimeProvider(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        await using var world = await EngineWorld.StartAsync(time);
        world.Key.Say(ConfiguredProject.Key, Denied);
        var sweep = await StartAsync(world);
        await SaysAsync(world, s => s.SuspectedSince is not null);
        world.Key.Say(ConfiguredProject.Key, new KeyVerdict.Valid());

        await PassAsync(world, time, sweep);
        Assert.True(await StandingAsync(world) is { Valid: true, ShutDownSince: null, SuspectedSince: null });
    }

    [Fact]
    public async Task A_sweep_that_is_asked_for_while_another_waits_checks_all_keys_anew()
    {
        var time = new FakeTimeProvider(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        await using var world = await EngineWorld.StartAsync(time);
        var other = ProjectId.FromValid($"{0xf00:x24}");
        await ConfiguredProject.SaveAsync(world.Store, world.Key, world.Time, other);
        world.Key.Say(ConfiguredProject.KeyOf(other), Denied);
        await StartAsync(world);
        await world.UntilAsync(() => Task.FromResult(world.Key.Checks == 2));
        time.Advance(TimeSpan.FromSeconds(2));

        world.Key.Say(ConfiguredProject.Key, Disabled);
        await StartAsync(world);

        await SaysAsync(world, s => s.ShutDownSince is not null);
    }

    [Fact]
    public async Task A_timer_that_fires_twice_at_its_moment_starts_one_sweep()
    {
        var time = new FakeTimeProvider(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        await using var world = await EngineWorld.StartAsync(time);
        world.Key.Say(ConfiguredProject.Key, Denied);
        var sweep = await StartAsync(world);
        await SaysAsync(world, s => s.SuspectedSince is not null);
        await StartAsync(world);

        await PassAsync(world, time, sweep);
        Assert.Equal(2, world.Key.Checks);
    }

    [Fact]
    public async Task Too_many_at_once_are_left_running()
    {
        await using var world = await EngineWorld.StartAsync();
        for (var i = 0; i < 30; i++)
        {
            var id = ProjectId.FromValid($"{0xf00 + i:x24}");
            await ConfiguredProject.SaveAsync(world.Store, world.Key, world.Time, id);
            world.Key.Say(ConfiguredProject.KeyOf(id), Disabled);
        }
        world.Key.Say(ConfiguredProject.Key, Disabled);
        await SweepAsync(world);

        Assert.True(await StandingAsync(world) is { Valid: true, ShutDownSince: null, SuspectedSince: not null });
        Assert.DoesNotContain(world.Store.AllEvents, e => e.Type == KeyNews.ConfigNoLongerValid);
    }

    [Fact]
    public async Task A_fleet_of_more_than_one_shard_is_checked_as_a_whole()
    {
        await using var world = await EngineWorld.StartAsync();
        const int projects = 2 * KeySweep.ShardSize + 10;
        for (var i = 1; i < projects; i++)
            await ConfiguredProject.SaveAsync(world.Store, world.Key, world.Time, ProjectId.FromValid($"{0xf00 + i:x24}"));
        await ConfiguredProject.SaveAsync(world.Store, world.Key, world.Time, ProjectId.FromValid($"{0xfffff:x24}"));

        var findings = await SweepAsync(world);
        Assert.Equal(projects + 1, findings.Configurations[KeyProvider.Aws]);
        Assert.Equal(projects + 1, world.Key.Checks);
    }

    [Fact]
    public async Task A_key_whose_check_fails_by_a_bug_does_not_keep_the_others_from_being_checked()
    {
        await using var world = await EngineWorld.StartAsync();
        var broken = ProjectId.FromValid($"{0xf00:x24}");
        await ConfiguredProject.SaveAsync(world.Store, world.Key, world.Time, broken);
        // Made anew, it no longer has the version that wrapped the canary, which the fake takes as a bug.
        world.Key.Create(ConfiguredProject.KeyOf(broken));
        world.Key.Say(ConfiguredProject.Key, Disabled);
        await SweepAsync(world);

        Assert.NotNull((await StandingAsync(world)).ShutDownSince);
    }

    private static async Task<SweepFindings> SweepAsync(EngineWorld world) => await EndAsync(world, await StartAsync(world));

    private static async Task<string> StartAsync(EngineWorld world)
    {
        var now = new FakeTimeProvider(world.Time.GetUtcNow());
        await new ValidateCustomerKeys(now, world.Meters, NullLogger<ValidateCustomerKeys>.Instance).Run(new(), world.Client, Cancellation);
        return $"sweep-{now.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}";
    }

    private static async Task<SweepFindings> EndAsync(EngineWorld world, string sweep)
    {
        OrchestrationMetadata? end = null;
        await world.UntilAsync(async () => (end = await world.Client.GetInstanceAsync(sweep, getInputsAndOutputs: true, Cancellation)) is { IsCompleted: true });
        Assert.True(end!.RuntimeStatus is OrchestrationRuntimeStatus.Completed, $"{end.FailureDetails}");
        return end.ReadOutputAs<SweepFindings>()!;
    }

    private static Task SaysAsync(EngineWorld world, Func<KeyStanding, bool> holds) => world.UntilAsync(async () => holds(await StandingAsync(world)));

    // The clock goes on until the sweep has ended, however late its timer was armed.
    private static Task PassAsync(EngineWorld world, FakeTimeProvider time, string sweep) => world.UntilAsync(async () =>
    {
        time.Advance(TimeSpan.FromSeconds(5));
        return await world.Client.GetInstanceAsync(sweep, Cancellation) is { IsCompleted: true };
    });

    private static async Task<KeyStanding> StandingAsync(EngineWorld world)
        => (await world.Store.FindAsync(ConfiguredProject.Id, Cancellation))!.Document.EncryptionAtRest.StandingOf(KeyProvider.Aws)!;
}
