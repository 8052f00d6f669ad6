using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Ear.Local.Tests.Durable;

public sealed class ActivityTests
{
    [Fact]
    public async Task Activities_run_one_after_another_and_their_results_come_back()
    {
        await using var world = await DurableWorld.With(functions => functions
            .AddActivity<string, string>("Greet", name => Task.FromResult($"Hello {name}"))
            .AddOrchestrator("Hello", async context => string.Join(
                ", ", await context.CallActivityAsync<string>("greet", "Tokyo"), await context.CallActivityAsync<string>("Greet", context.GetInput<string>())))).StartAsync();

        Assert.Equal("Hello Tokyo, Hello Oslo", await world.RunAsync<string>("hello", "Oslo"));
    }

    [Fact]
    public async Task A_hundred_activities_in_parallel_all_come_back_in_their_places()
    {
        await using var world = await DurableWorld.With(functions => functions
            .AddActivity<int, int>("Square", n => Task.FromResult(n * n))
            .AddOrchestrator("All", context => Task.WhenAll(Enumerable.Range(0, 100).Select(n => context.CallActivityAsync<int>("Square", n))))).StartAsync();

        Assert.Equal(Enumerable.Range(0, 100).Select(n => n * n), await world.RunAsync<int[]>("All"));
    }

    [Fact]
    public async Task No_more_activities_run_at_once_than_configured()
    {
        var (running, most) = (0, 0);
        var gate = new Lock();
        await using var world = await DurableWorld.With(functions => functions
            .AddActivity<int, int>("Work", async n =>
            {
                lock (gate)
                    most = Math.Max(most, ++running);
                await Task.Yield();
                lock (gate)
                    running--;
                return n;
            })
            .AddOrchestrator("All", context => Task.WhenAll(Enumerable.Range(0, 200).Select(n => context.CallActivityAsync<int>("Work", n)))))
            .StartAsync(options => options with { MaxConcurrentActivities = 3 });

        await world.RunAsync<int[]>("All");

        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task The_orchestrator_sees_type_and_text_of_an_activitys_failure_and_may_go_on()
    {
        await using var world = await DurableWorld.With(functions => functions
            .AddActivity<string, string>("Fail", _ => throw new TimeoutException("node n1 did not answer", new IOException("reset")))
            .AddOrchestrator("Try", async context =>
            {
                try
                {
                    return await context.CallActivityAsync<string>("Fail");
                }
                catch (TaskFailedException failed) when (failed.IsCausedByException<TimeoutException>())
                {
                    return $"{failed.TaskName}: {failed.FailureDetails.ErrorMessage}, {failed.FailureDetails.InnerFailure!.ErrorMessage}";
                }
            })).StartAsync();

        Assert.Equal("Fail: node n1 did not answer, reset", await world.RunAsync<string>("Try"));
    }

    [Fact]
    public async Task An_unhandled_failure_fails_the_orchestration_and_keeps_nothing_but_type_text_and_stack()
    {
        await using var world = await DurableWorld.With(functions => functions
            .AddActivity<string, string>("Fail", _ => throw new InvalidOperationException("no such node") { Data = { ["password"] = "hunter2" } })
            .AddOrchestrator("Try", context => context.CallActivityAsync<string>("Fail"))).StartAsync();

        var end = await world.EndAsync(await world.ScheduleAsync("Try"));

        Assert.Equal(OrchestrationRuntimeStatus.Failed, end.RuntimeStatus);
        Assert.Equal(typeof(TaskFailedException).FullName, end.FailureDetails!.ErrorType);
        Assert.Equal("no such node", end.FailureDetails.InnerFailure!.ErrorMessage);
        await world.Engine.DisposeAsync();
        Assert.False(File.ReadAllBytes(world.File).AsSpan().IndexOf("hunter2"u8) >= 0);
    }

    [Fact]
    public async Task A_function_that_does_not_exist_is_a_failure_that_names_it()
    {
        await using var world = await DurableWorld.With(functions => functions
            .AddOrchestrator("Try", context => context.CallActivityAsync<string>("Missing"))).StartAsync();

        var end = await world.EndAsync(await world.ScheduleAsync("Try"));
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => world.ScheduleAsync("Nothing"));

        Assert.Contains("'Missing'", end.FailureDetails!.ErrorMessage, StringComparison.Ordinal);
        Assert.Contains("'Nothing'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_of_another_shape_fails_with_the_shape_that_was_expected()
    {
        await using var world = await DurableWorld.With(functions => functions
            .AddActivity<string, string>("Text", _ => Task.FromResult("not a number"))
            .AddOrchestrator("Try", context => context.CallActivityAsync<int>("Text"))).StartAsync();

        var end = await world.EndAsync(await world.ScheduleAsync("Try"));

        Assert.Contains("activity 'Text' is not a System.Int32", end.FailureDetails!.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_activity_that_nobody_waits_for_runs_even_when_the_engine_stops_first()
    {
        var (allowed, ran) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var world = DurableWorld.With(functions => functions
            .AddActivity("Notify", async (_, stopping) =>
            {
                await allowed.Task.WaitAsync(stopping);
                ran.SetResult();
                return null;
            })
            .AddOrchestrator("Forget", context =>
            {
                _ = context.CallActivityAsync("Notify");
                return Task.FromResult("done");
            }));
        await world.StartAsync();
        Assert.Equal("done", await world.RunAsync<string>("Forget"));

        await world.Engine.DisposeAsync();
        allowed.SetResult();
        await world.StartAsync();

        await ran.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }
}
