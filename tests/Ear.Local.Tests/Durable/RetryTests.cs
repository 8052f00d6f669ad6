using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Ear.Local.Tests.Durable;

public sealed class RetryTests
{
    private int _attempts;

    private DurableWorld Flaky(int failures, TaskOptions options) => DurableWorld.With(functions => functions
        .AddActivity<string, int>("Flaky", _ => ++_attempts <= failures ? throw new IOException($"attempt {_attempts}") : Task.FromResult(_attempts))
        .AddOrchestrator("Try", async context =>
        {
            var start = context.CurrentUtcDateTime;
            var attempts = await context.CallActivityAsync<int>("Flaky", options);
            return $"{attempts} attempts, {(context.CurrentUtcDateTime - start).TotalSeconds} s";
        }));

    [Fact]
    public async Task A_policy_waits_longer_each_time_on_durable_timers()
    {
        await using var world = await Flaky(3, TaskOptions.FromRetryPolicy(new RetryPolicy(5, TimeSpan.FromSeconds(10), 2, TimeSpan.FromSeconds(30)))).StartAsync();
        var id = await world.ScheduleAsync("Try");

        foreach (var (attempts, wait) in new[] { (1, 10), (2, 20), (3, 30) })
        {
            // The timer is set once the failure is on disk; a restart before that would run the attempt again.
            await DurableWorld.UntilAsync(async () => (await OpenTimersAsync(world, id)).Timers == attempts);
            await world.RestartAsync();
            Assert.Equal(attempts, _attempts);
            world.Time.Advance(TimeSpan.FromSeconds(wait));
        }

        Assert.Equal("4 attempts, 60 s", (await world.EndAsync(id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task After_the_last_attempt_the_failure_is_thrown()
    {
        await using var world = await Flaky(9, TaskOptions.FromRetryHandler(context => context.LastAttemptNumber < 4)).StartAsync();

        var end = await world.EndAsync(await world.ScheduleAsync("Try"));

        Assert.Equal(OrchestrationRuntimeStatus.Failed, end.RuntimeStatus);
        Assert.Equal("attempt 4", end.FailureDetails!.InnerFailure!.ErrorMessage);
        Assert.Equal(4, _attempts);
    }

    [Fact]
    public async Task A_failure_that_is_not_worth_it_is_thrown_at_once()
    {
        var policy = new RetryPolicy(5, TimeSpan.FromSeconds(10)) { HandleFailure = failure => failure.IsCausedBy<TimeoutException>() };
        await using var world = await Flaky(9, TaskOptions.FromRetryPolicy(policy)).StartAsync();

        await world.EndAsync(await world.ScheduleAsync("Try"));

        Assert.Equal(1, _attempts);
    }

    [Fact]
    public async Task No_attempt_starts_after_the_retry_timeout()
    {
        var policy = new RetryPolicy(100, TimeSpan.FromSeconds(10), 1, retryTimeout: TimeSpan.FromSeconds(25));
        await using var world = await Flaky(99, TaskOptions.FromRetryPolicy(policy)).StartAsync();
        var id = await world.ScheduleAsync("Try");

        await DurableWorld.UntilAsync(async () =>
        {
            if ((await OpenTimersAsync(world, id)).WakeAt is { } wake && wake > world.Time.GetUtcNow().UtcTicks)
                world.Time.Advance(TimeSpan.FromSeconds(10));
            return (await world.Client.GetInstanceAsync(id, TestContext.Current.CancellationToken))!.IsCompleted;
        });

        Assert.Equal(3, _attempts);
    }

    /// <summary>How many timers the history of an instance holds, and when the first open one is due.</summary>
    private static async Task<(int Timers, long? WakeAt)> OpenTimersAsync(DurableWorld world, string id)
    {
        using var reader = new Ear.Local.Durable.Storage.DurableReader(world.File);
        var stored = reader.Load(reader.Find(id)!.Key)!;
        var timers = stored.History.Select(turn => Ear.Local.Durable.History.HistoryJson.ReadTurn(turn))
            .SelectMany(turn => turn.Decided).Count(action => action.Kind == Ear.Local.Durable.History.ActionKind.Timer);
        return await Task.FromResult((timers, stored.Row.WakeAt));
    }
}
