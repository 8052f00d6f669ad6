using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Ear.Local.Tests.Durable;

public sealed class ClientTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static void Simple(Ear.Local.Durable.DurableFunctions functions) => functions
        .AddOrchestrator("Echo", context => Task.FromResult(context.GetInput<string>()))
        .AddOrchestrator("Fail", context => throw new InvalidOperationException("asked to"))
        .AddOrchestrator("Outer", context => context.CallSubOrchestratorAsync<string>("Echo", "x", new SubOrchestrationOptions(instanceId: "inner")))
        .AddOrchestrator("Wait", context => context.WaitForExternalEvent<string>("end"));

    [Fact]
    public async Task An_instance_that_runs_is_never_replaced()
    {
        await using var world = await DurableWorld.With(Simple).StartAsync();
        await world.ScheduleAsync("Wait", id: "one");

        var refused = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => world.ScheduleAsync("Echo", "again", id: "one"));

        Assert.Contains("'one' exists already", refused.Message, StringComparison.Ordinal);
        Assert.Equal("Wait", (await world.Client.GetInstanceAsync("one", Cancellation))!.Name);
    }

    [Fact]
    public async Task A_finished_instance_is_replaced_unless_its_status_forbids_it()
    {
        await using var world = await DurableWorld.With(Simple).StartAsync();
        await world.EndAsync(await world.ScheduleAsync("Echo", "first", id: "one"));
        var unique = new StartOrchestrationOptions("one").WithDedupeStatuses(OrchestrationRuntimeStatus.Completed);

        await Assert.ThrowsAnyAsync<InvalidOperationException>(
            () => world.Client.ScheduleNewOrchestrationInstanceAsync("Echo", "second", unique, Cancellation));
        Assert.Equal("first", (await world.EndAsync("one")).ReadOutputAs<string>());

        await world.ScheduleAsync("Echo", "third", id: "one");
        Assert.Equal("third", (await world.EndAsync("one")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Of_many_who_start_the_same_instance_at_once_one_succeeds()
    {
        await using var world = await DurableWorld.With(Simple).StartAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            try
            {
                await world.ScheduleAsync("Wait", id: "one");
                return true;
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        }));

        Assert.Single(outcomes, started => started);
    }

    [Fact]
    public async Task Waiting_for_the_start_ends_with_the_first_turn()
    {
        await using var world = await DurableWorld.With(Simple).StartAsync();
        var id = await world.ScheduleAsync("Wait");

        var started = await world.Client.WaitForInstanceStartAsync(id, Cancellation);

        Assert.Equal(OrchestrationRuntimeStatus.Running, started.RuntimeStatus);
    }

    [Fact]
    public async Task Waiting_for_an_instance_that_does_not_exist_is_refused()
    {
        await using var world = await DurableWorld.With(Simple).StartAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => world.Client.WaitForInstanceCompletionAsync("never", Cancellation));
    }

    [Fact]
    public async Task Inputs_and_outputs_are_given_only_when_asked_for()
    {
        await using var world = await DurableWorld.With(Simple).StartAsync();
        await world.EndAsync(await world.ScheduleAsync("Echo", "text", id: "one"));

        var without = (await world.Client.GetInstanceAsync("one", Cancellation))!;
        var with = (await world.Client.GetInstanceAsync("one", getInputsAndOutputs: true, Cancellation))!;

        Assert.Null(without.SerializedOutput);
        Assert.Throws<InvalidOperationException>(() => without.ReadOutputAs<string>());
        Assert.Equal(("text", "text"), (with.ReadInputAs<string>(), with.ReadOutputAs<string>()));
        Assert.Equal((world.Time.Start, true), (with.CreatedAt, with.IsCompleted));
    }

    [Fact]
    public async Task A_query_is_read_page_by_page_and_can_be_taken_up_in_the_middle()
    {
        await using var world = await DurableWorld.With(Simple).StartAsync();
        for (var n = 0; n < 25; n++)
            await world.EndAsync(await world.ScheduleAsync(n % 5 == 0 ? "Fail" : "Echo", id: $"a-{n:00}"));
        await world.ScheduleAsync("Wait", id: "b-00");
        var completed = new OrchestrationQuery(Statuses: [OrchestrationRuntimeStatus.Completed], InstanceIdPrefix: "a-", PageSize: 8);

        var pages = await world.Client.GetAllInstancesAsync(completed).AsPages().ToListAsync(Cancellation);
        var rest = await world.Client.GetAllInstancesAsync(completed with { ContinuationToken = pages[1].ContinuationToken }).ToListAsync(Cancellation);
        var all = await world.Client.GetAllInstancesAsync().ToListAsync(Cancellation);

        Assert.Equal([8, 8, 4], pages.Select(page => page.Values.Count));
        Assert.Equal(pages[2].Values.Select(instance => instance.InstanceId), rest.Select(instance => instance.InstanceId));
        Assert.Equal(26, all.Count);
    }

    [Fact]
    public async Task A_query_can_be_limited_to_a_time_of_creation()
    {
        await using var world = await DurableWorld.With(Simple).StartAsync();
        await world.EndAsync(await world.ScheduleAsync("Echo", id: "early"));
        world.Time.Advance(TimeSpan.FromHours(1));
        await world.EndAsync(await world.ScheduleAsync("Echo", id: "late"));

        var late = await world.Client.GetAllInstancesAsync(new(CreatedFrom: world.Time.Start.AddMinutes(1))).ToListAsync(Cancellation);

        Assert.Equal("late", Assert.Single(late).InstanceId);
    }

    [Fact]
    public async Task Only_finished_instances_are_purged()
    {
        await using var world = await DurableWorld.With(Simple).StartAsync();
        await world.EndAsync(await world.ScheduleAsync("Echo", id: "done"));
        await world.EndAsync(await world.ScheduleAsync("Fail", id: "failed"));
        await world.ScheduleAsync("Wait", id: "running");

        Assert.Equal(0, (await world.Client.PurgeInstanceAsync("running", Cancellation)).PurgedInstanceCount);
        Assert.Equal(1, (await world.Client.PurgeInstanceAsync("done", Cancellation)).PurgedInstanceCount);
        Assert.Equal(1, (await world.Client.PurgeAllInstancesAsync(new PurgeInstancesFilter(), Cancellation)).PurgedInstanceCount);

        Assert.Equal("running", Assert.Single(await world.Client.GetAllInstancesAsync().ToListAsync(Cancellation)).InstanceId);
    }

    [Fact]
    public async Task Sub_orchestrations_are_purged_with_their_parent_when_asked_to()
    {
        await using var world = await DurableWorld.With(Simple).StartAsync();
        await world.EndAsync(await world.ScheduleAsync("Outer", id: "outer"));

        var purged = await world.Client.PurgeInstanceAsync("outer", new PurgeInstanceOptions(Recursive: true), Cancellation);

        Assert.Equal(2, purged.PurgedInstanceCount);
    }
}
