using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Ear.Local.Tests.Durable;

public sealed class ControlTests
{
    private readonly TaskCompletionSource _started = new();
    private readonly TaskCompletionSource<string> _answer = new();
    private int _runs;

    private DurableWorld Worker() => DurableWorld.With(functions => functions
        .AddActivity<string, string>("Work", async _ =>
        {
            Interlocked.Increment(ref _runs);
            _started.TrySetResult();
            return await _answer.Task;
        })
        .AddOrchestrator("Outer", context => context.CallSubOrchestratorAsync<string>("Work", new SubOrchestrationOptions(instanceId: "inner")))
        .AddOrchestrator("Work", async context =>
        {
            context.SetCustomStatus("working");
            var answer = await context.CallActivityAsync<string>("Work");
            context.SetCustomStatus("answered");
            return answer + await context.WaitForExternalEvent<string>("more");
        }));

    [Fact]
    public async Task A_suspended_instance_hears_nothing_and_on_resumption_everything()
    {
        await using var world = await Worker().StartAsync();
        var id = await world.ScheduleAsync("Work");
        await _started.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await world.Client.SuspendInstanceAsync(id, "maintenance", TestContext.Current.CancellationToken);
        await world.IsAsync(id, OrchestrationRuntimeStatus.Suspended);

        _answer.SetResult("done, ");
        await world.RaiseAsync(id, "more", "and more");
        await DurableWorld.UntilAsync(() => Task.FromResult(Kept(world, id) == 2));
        await world.RestartAsync();
        await world.SaysAsync(id, "working");
        Assert.Equal(OrchestrationRuntimeStatus.Suspended, (await world.Client.GetInstanceAsync(id, TestContext.Current.CancellationToken))!.RuntimeStatus);
        await world.Client.ResumeInstanceAsync(id, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal("done, and more", (await world.EndAsync(id)).ReadOutputAs<string>());
        Assert.Equal(1, _runs);
    }

    [Fact]
    public async Task A_terminated_instance_has_the_output_it_was_given_and_ends_for_good()
    {
        await using var world = await Worker().StartAsync();
        var id = await world.ScheduleAsync("Work");
        await _started.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        await world.Client.TerminateInstanceAsync(id, (object)"given up", TestContext.Current.CancellationToken);
        var end = await world.EndAsync(id);
        _answer.SetResult("too late");
        await world.RaiseAsync(id, "more");
        await world.RestartAsync();

        Assert.Equal((OrchestrationRuntimeStatus.Terminated, "given up"), (end.RuntimeStatus, end.ReadOutputAs<string>()));
        Assert.Equal(OrchestrationRuntimeStatus.Terminated, (await world.EndAsync(id)).RuntimeStatus);
    }

    [Theory]
    [InlineData(true, OrchestrationRuntimeStatus.Terminated)]
    [InlineData(false, OrchestrationRuntimeStatus.Running)]
    public async Task A_termination_reaches_sub_orchestrations_only_when_asked_to(bool recursive, OrchestrationRuntimeStatus inner)
    {
        await using var world = await Worker().StartAsync();
        var id = await world.ScheduleAsync("Outer");
        await _started.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        await world.Client.TerminateInstanceAsync(id, new TerminateInstanceOptions(Recursive: recursive), TestContext.Current.CancellationToken);
        await world.EndAsync(id);

        await world.IsAsync("inner", inner);
        _answer.SetResult("");
    }

    [Fact]
    public async Task A_suspended_instance_can_be_terminated()
    {
        await using var world = await Worker().StartAsync();
        var id = await world.ScheduleAsync("Work");
        await world.Client.SuspendInstanceAsync(id, cancellation: TestContext.Current.CancellationToken);
        await world.Client.TerminateInstanceAsync(id, TestContext.Current.CancellationToken);

        Assert.Equal(OrchestrationRuntimeStatus.Terminated, (await world.EndAsync(id)).RuntimeStatus);
        _answer.SetResult("");
    }

    [Fact]
    public async Task The_custom_status_is_seen_while_it_runs()
    {
        await using var world = await Worker().StartAsync();
        var id = await world.ScheduleAsync("Work");
        await world.SaysAsync(id, "working");

        _answer.SetResult("");

        await world.SaysAsync(id, "answered");
    }

    private static int Kept(DurableWorld world, string id)
    {
        using var reader = new Ear.Local.Durable.Storage.DurableReader(world.File);
        return reader.Load(reader.Find(id)!.Key)!.Messages.Count;
    }
}
