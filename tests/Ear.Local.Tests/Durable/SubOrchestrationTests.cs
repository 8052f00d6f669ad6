using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Ear.Local.Tests.Durable;

public sealed class SubOrchestrationTests
{
    private static void Family(Ear.Local.Durable.DurableFunctions functions) => functions
        .AddOrchestrator("Child", async context =>
        {
            var input = context.GetInput<string>();
            if (input == "fail")
                throw new InvalidOperationException("the child broke");
            if (input == "wait")
                await context.WaitForExternalEvent<string>("end");
            return $"{input} of {context.Parent?.InstanceId}";
        })
        .AddOrchestrator("Parent", async context =>
        {
            try
            {
                return await context.CallSubOrchestratorAsync<string>("Child", context.GetInput<string>(), new SubOrchestrationOptions(instanceId: "child"));
            }
            catch (TaskFailedException failed)
            {
                return "caught: " + failed.FailureDetails.ErrorMessage;
            }
        });

    [Fact]
    public async Task A_sub_orchestration_knows_its_parent_and_answers_it()
    {
        await using var world = await DurableWorld.With(Family).StartAsync();
        await world.ScheduleAsync("Parent", "first", id: "p");

        Assert.Equal("first of p", (await world.EndAsync("p")).ReadOutputAs<string>());
        Assert.Equal(OrchestrationRuntimeStatus.Completed, (await world.EndAsync("child")).RuntimeStatus);
    }

    [Fact]
    public async Task Its_failure_is_thrown_in_the_parent()
    {
        await using var world = await DurableWorld.With(Family).StartAsync();

        Assert.Equal("caught: the child broke", await world.RunAsync<string>("Parent", "fail"));
    }

    [Fact]
    public async Task Its_termination_is_a_failure_in_the_parent()
    {
        await using var world = await DurableWorld.With(Family).StartAsync();
        await world.ScheduleAsync("Parent", "wait", id: "p");
        await DurableWorld.UntilAsync(async () => await world.Client.GetInstanceAsync("child", TestContext.Current.CancellationToken) is not null);

        await world.Client.TerminateInstanceAsync("child", TestContext.Current.CancellationToken);

        Assert.Equal("caught: The sub-orchestration was terminated.", (await world.EndAsync("p")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task An_id_that_runs_already_is_refused_and_one_that_has_ended_is_used_again()
    {
        await using var world = await DurableWorld.With(Family).StartAsync();
        await world.ScheduleAsync("Child", "wait", id: "child");

        Assert.Contains("exists already", await world.RunAsync<string>("Parent", "x"), StringComparison.Ordinal);

        await world.RaiseAsync("child", "end");
        await world.EndAsync("child");
        Assert.StartsWith("x of ", await world.RunAsync<string>("Parent", "x"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_answer_of_a_child_finds_its_parent_after_a_restart()
    {
        await using var world = await DurableWorld.With(Family).StartAsync();
        await world.ScheduleAsync("Parent", "wait", id: "p");
        await world.IsAsync("child", OrchestrationRuntimeStatus.Running);

        await world.RestartAsync();
        await world.RaiseAsync("child", "end");

        Assert.Equal("wait of p", (await world.EndAsync("p")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Ids_that_nobody_chose_are_the_same_in_a_replay_and_different_between_calls()
    {
        await using var world = await DurableWorld.With(functions => functions
            .AddOrchestrator("Child", context => Task.FromResult(context.InstanceId))
            .AddOrchestrator("Parent", async context =>
            {
                var ids = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => context.CallSubOrchestratorAsync<string>("Child")));
                context.SetCustomStatus("called");
                await context.WaitForExternalEvent<string>("go");
                return ids;
            })).StartAsync();
        var id = await world.ScheduleAsync("Parent");
        await world.SaysAsync(id, "called");

        await world.RestartAsync();
        await world.RaiseAsync(id, "go");

        Assert.Equal(5, (await world.EndAsync(id)).ReadOutputAs<string[]>()!.Distinct(StringComparer.Ordinal).Count());
    }
}
