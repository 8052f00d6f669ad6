using System.Collections.Immutable;
using Ear.Alerts;
using Ear.CustomerKeys;
using Ear.Functions.Alerts;
using Ear.Functions.Clusters.Reconciliation;
using Ear.Functions.Telemetry;
using Ear.Functions.Tests.Reconciliation;
using Ear.Telemetry;
using Ear.Tests.CustomerKeys.Validation;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Functions.Tests.Telemetry;

public sealed class MeterTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sweep_tells_how_long_it_took_what_it_stopped_and_how_it_ended()
    {
        await using var world = await EngineWorld.StartAsync();
        using var heard = new Heard(world.Host.Services);
        world.Key.Say(ConfiguredProject.Key, new KeyVerdict.Invalid(InvalidReason.KeyDisabled, "disabled"));

        await world.SweepAsync();
        // The engine counts an end before it commits it, so what is seen to have ended is counted.
        Assert.Equal(["kind=SweepCustomerKeys state=started", "kind=SweepCustomerKeys state=completed"], heard.Of("ear.orchestrations").Select(o => o.Tags));
        Assert.Equal((1, "provider=AWS"), Assert.Single(heard.Of("ear.shut_downs").Select(s => (s.Value, s.Tags))));
        Assert.True(Assert.Single(heard.Of("ear.sweep.duration")).Value >= 3, "Being told again, 3 s later, belongs to the sweep.");

        await world.SweepAsync();
        Assert.Single(heard.Of("ear.shut_downs"));
    }

    [Fact]
    public async Task A_reconciliation_ends_once_however_often_it_looks_and_its_nodes_are_outstanding_until_they_have_done_it()
    {
        await using var world = await EngineWorld.StartAsync();
        using var heard = new Heard(world.Host.Services);
        var gauges = Gauges(world, []);
        await gauges.ReadAsync(Cancellation);
        Assert.Equal(0, Gauge(heard, "ear.node.goals.outstanding"));

        await world.CreateAsync(KeyProvider.Aws);
        await world.UntilAsync(async () => await OutstandingAsync() > 0);
        await world.IdleAsync();
        await world.UntilAsync(async () => await OutstandingAsync() == 0);
        await world.UntilAsync(async () => await world.Client.GetInstanceAsync(ReconcileCluster.InstanceOf((await world.ClusterAsync())!.Ref), Cancellation) is { IsCompleted: true });
        Assert.Equal([1, 1], heard.Totals("ear.orchestrations", "kind=ReconcileCluster state=started", "kind=ReconcileCluster state=completed"));

        async Task<double> OutstandingAsync()
        {
            await gauges.ReadAsync(Cancellation);
            return Gauge(heard, "ear.node.goals.outstanding")!.Value;
        }
    }

    [Fact]
    public async Task A_source_that_fails_leaves_what_was_known_and_shows_in_the_age_of_the_gauges()
    {
        var time = new FakeTimeProvider(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        await using var world = await EngineWorld.StartAsync(time);
        using var heard = new Heard(world.Host.Services);
        var outbox = new Outbox { Waiting = [Event(time.GetUtcNow() - TimeSpan.FromSeconds(70)), Event(time.GetUtcNow() - TimeSpan.FromSeconds(90))] };
        var gauges = Gauges(world, [new OutboxAge(outbox, time)]);

        await gauges.ReadAsync(Cancellation);
        Assert.Equal((90d, 0d), (Gauge(heard, "ear.outbox.age"), Gauge(heard, "ear.gauges.age")));

        outbox.Waiting = null;
        time.Advance(TimeSpan.FromSeconds(30));
        await gauges.ReadAsync(Cancellation);
        Assert.Equal((90d, 30d), (Gauge(heard, "ear.outbox.age"), Gauge(heard, "ear.gauges.age")));

        outbox.Waiting = [];
        await gauges.ReadAsync(Cancellation);
        Assert.Equal((0d, 0d), (Gauge(heard, "ear.outbox.age"), Gauge(heard, "ear.gauges.age")));
    }

    [Fact]
    public void Every_subscription_that_a_function_listens_to_is_looked_at_for_dead_letters()
    {
        var listened = typeof(EarApp).Assembly.GetTypes().SelectMany(t => t.GetMethods()).SelectMany(m => m.GetParameters())
            .SelectMany(p => p.GetCustomAttributes(typeof(Microsoft.Azure.Functions.Worker.ServiceBusTriggerAttribute), inherit: false))
            .Cast<Microsoft.Azure.Functions.Worker.ServiceBusTriggerAttribute>().Select(t => t.SubscriptionName).Order(StringComparer.Ordinal).ToArray();

        Assert.NotEmpty(listened);
        Assert.Equal(listened, DeadLetters.Subscriptions.Order(StringComparer.Ordinal));
    }

    private static double? Gauge(Heard heard, string name) => heard.Scrape().SingleOrDefault(m => m.Instrument == name)?.Value;

    private static GaugeRound Gauges(EngineWorld world, IGaugeSource[] more)
    {
        var sources = new ServiceCollection();
        foreach (var source in (IGaugeSource[])[new OutstandingGoals(world.Store, world.Store), .. more])
            sources.AddSingleton(source);
        return new GaugeRound(sources.BuildServiceProvider(), world.Meters, world.Time, NullLogger<GaugeRound>.Instance);
    }

    private static ChainedEvent Event(DateTimeOffset created)
        => new(new(EventId.FromValid("111111111111111111111111"), ConfiguredProject.Id, "CLUSTER_CREATED", created, "ear"), 1, "", "");

    /// <summary>Null: it cannot be read.</summary>
    private sealed class Outbox : IOutbox
    {
        public ImmutableArray<ChainedEvent>? Waiting { get; set; }

        public Task<IReadOnlyList<ChainedEvent>> PendingAsync(int max, CancellationToken cancellation)
            => Waiting is { } waiting ? Task.FromResult<IReadOnlyList<ChainedEvent>>(waiting) : throw new IOException("The store is away.");

        public Task MarkAnnouncedAsync(IReadOnlyList<ChainedEvent> events, CancellationToken cancellation) => Task.CompletedTask;
    }
}
