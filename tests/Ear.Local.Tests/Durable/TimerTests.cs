using Microsoft.DurableTask.Client;

namespace Ear.Local.Tests.Durable;

public sealed class TimerTests
{
    private static DurableWorld Sleeper() => DurableWorld.With(functions => functions.AddOrchestrator("Sleep", async context =>
    {
        var start = context.CurrentUtcDateTime;
        context.SetCustomStatus("asleep");
        await context.CreateTimer(TimeSpan.FromMinutes(15), CancellationToken.None);
        return (context.CurrentUtcDateTime - start).TotalMinutes;
    }));

    [Fact]
    public async Task A_timer_fires_when_its_time_has_come_and_not_before()
    {
        await using var world = await Sleeper().StartAsync();
        var id = await world.ScheduleAsync("Sleep");
        await world.SaysAsync(id, "asleep");

        world.Time.Advance(TimeSpan.FromMinutes(14));
        Assert.Equal(OrchestrationRuntimeStatus.Running, (await world.Client.GetInstanceAsync(id, TestContext.Current.CancellationToken))!.RuntimeStatus);
        world.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(15, (await world.EndAsync(id)).ReadOutputAs<double>());
    }

    [Fact]
    public async Task A_timer_that_came_due_while_the_engine_was_down_fires_at_the_start()
    {
        await using var world = await Sleeper().StartAsync();
        var id = await world.ScheduleAsync("Sleep");
        await world.SaysAsync(id, "asleep");

        await world.Engine.DisposeAsync();
        world.Time.Advance(TimeSpan.FromHours(5));
        await world.StartAsync();
        world.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(300, (await world.EndAsync(id)).ReadOutputAs<double>(), tolerance: 1);
    }

    [Fact]
    public async Task A_wall_clock_that_is_set_back_delays_no_timer()
    {
        await using var world = await Sleeper().StartAsync();
        var id = await world.ScheduleAsync("Sleep");
        await world.SaysAsync(id, "asleep");

        world.Clock.Skew = -TimeSpan.FromDays(1);
        world.Time.Advance(TimeSpan.FromMinutes(15));

        Assert.Equal(15, (await world.EndAsync(id)).ReadOutputAs<double>());
    }

    [Fact]
    public async Task A_wall_clock_that_jumps_forward_fires_what_has_come_due()
    {
        await using var world = await Sleeper().StartAsync();
        var id = await world.ScheduleAsync("Sleep");
        await world.SaysAsync(id, "asleep");

        world.Clock.Skew = TimeSpan.FromDays(1);
        world.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.InRange((await world.EndAsync(id)).ReadOutputAs<double>(), 15, 24 * 60 + 1);
    }

    [Fact]
    public async Task A_cancelled_timer_ends_the_wait_at_once()
    {
        await using var world = await DurableWorld.With(functions => functions.AddOrchestrator("Cancel", async context =>
        {
            using var cancel = new CancellationTokenSource();
            var timer = context.CreateTimer(TimeSpan.FromDays(365), cancel.Token);
            cancel.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => timer);
            return "cancelled";
        })).StartAsync();

        Assert.Equal("cancelled", await world.RunAsync<string>("Cancel"));
    }

    [Fact]
    public async Task An_instance_with_a_start_time_starts_then()
    {
        await using var world = await Sleeper().StartAsync();
        var id = await world.Client.ScheduleNewOrchestrationInstanceAsync(
            "Sleep", options: new(StartAt: world.Time.GetUtcNow().AddHours(1)), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(OrchestrationRuntimeStatus.Pending, (await world.Client.GetInstanceAsync(id, TestContext.Current.CancellationToken))!.RuntimeStatus);

        await world.RestartAsync();
        world.Time.Advance(TimeSpan.FromHours(1));

        await world.SaysAsync(id, "asleep");
    }
}
