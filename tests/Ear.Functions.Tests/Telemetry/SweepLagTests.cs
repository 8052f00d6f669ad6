using Ear.CustomerKeys;
using Ear.Functions.Telemetry;
using Ear.Functions.Tests.Reconciliation;
using Ear.Functions.Validation;
using Ear.Telemetry;
using Ear.Tests.CustomerKeys.Validation;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Functions.Tests.Telemetry;

/// <summary>Somebody is woken by the least that any process tells of the sweeps: nobody may tell less than the truth.</summary>
public sealed class SweepLagTests
{
    private readonly FakeTimeProvider _time = new(new(2026, 11, 24, 23, 55, 0, TimeSpan.Zero));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_lag_counts_from_the_beginning_of_the_newest_finished_sweep()
    {
        await using var world = await EngineWorld.StartAsync(_time);
        using var process = new Process(_time);
        await world.SweepAsync();
        _time.Advance(TimeSpan.FromMinutes(10));

        // After midnight it is yesterday's.
        await process.LookAsync(world);
        Assert.Equal(600, await process.TellsAsync());
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(660, await process.TellsAsync());
    }

    [Theory]
    [InlineData(5)]
    [InlineData(200)]
    public async Task A_process_that_has_just_begun_tells_how_late_a_sweep_is_and_not_how_young_it_is_itself(int hours)
    {
        await using var world = await EngineWorld.StartAsync(_time);
        await world.SweepAsync();
        _time.Advance(TimeSpan.FromHours(hours));

        using var process = new Process(_time);
        Assert.Null(await process.TellsAsync());
        await process.LookAsync(world);
        Assert.Equal(hours * 3600, await process.TellsAsync());
    }

    [Fact]
    public async Task Two_minutes_after_its_last_look_a_process_tells_nothing_any_more()
    {
        await using var world = await EngineWorld.StartAsync(_time);
        using var process = new Process(_time);
        await world.SweepAsync();
        await process.LookAsync(world);

        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(120, await process.TellsAsync());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await process.TellsAsync());
        await process.LookAsync(world);
        Assert.Equal(121, await process.TellsAsync());
    }

    [Fact]
    public async Task Where_no_sweep_has_finished_the_lag_counts_from_the_oldest_that_began()
    {
        await using var world = await EngineWorld.StartAsync(_time);
        using var process = new Process(_time);
        await process.LookAsync(world);
        Assert.Null(await process.TellsAsync());

        await BreakOffASweepAsync(world);
        _time.Advance(TimeSpan.FromMinutes(15));
        await BreakOffASweepAsync(world);
        _time.Advance(TimeSpan.FromMinutes(15));
        await process.LookAsync(world);
        Assert.Equal(1800, await process.TellsAsync());
    }

    /// <summary>One that waits for its second look is ended by hand.</summary>
    private static async Task BreakOffASweepAsync(EngineWorld world)
    {
        world.Key.Say(ConfiguredProject.Key, new KeyVerdict.Invalid(InvalidReason.PermissionDenied, "denied"));
        await new ValidateCustomerKeys(world.Time, world.Meters, NullLogger<ValidateCustomerKeys>.Instance).Run(new(), world.Client, Cancellation);
        await foreach (var sweep in world.Client.GetAllInstancesAsync(new OrchestrationQuery(InstanceIdPrefix: ValidateCustomerKeys.Prefix)))
            if (!sweep.IsCompleted)
            {
                await world.Client.TerminateInstanceAsync(sweep.InstanceId, Cancellation);
                await world.Client.WaitForInstanceCompletionAsync(sweep.InstanceId, Cancellation);
            }
    }

    /// <summary>One process of a fleet: meters, a gauge round and a look of its own.</summary>
    private sealed class Process : IDisposable
    {
        private readonly ServiceProvider _services;
        private readonly SweepLag _lag;
        private readonly Heard _heard;
        private readonly GaugeRound _gauges;

        public Process(TimeProvider time)
        {
            _lag = new(time);
            _services = new ServiceCollection().AddMetrics().AddSingleton(time).AddSingleton<EarMeters>().AddSingleton<IGaugeSource>(_lag).BuildServiceProvider();
            _heard = new(_services);
            _gauges = new(_services, _services.GetRequiredService<EarMeters>(), time, NullLogger<GaugeRound>.Instance);
        }

        public Task LookAsync(EngineWorld world) => new WatchSweeps(_lag).Run(new(), world.Client, Cancellation);

        public async Task<double?> TellsAsync()
        {
            await _gauges.ReadAsync(Cancellation);
            return _heard.Scrape().SingleOrDefault(m => m.Instrument == "ear.sweep.lag")?.Value;
        }

        public void Dispose()
        {
            _gauges.Dispose();
            _heard.Dispose();
            _services.Dispose();
        }
    }
}
