using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Ear.Local.Tests.Durable;

public sealed class ContinueAsNewTests
{
    [Fact]
    public async Task Each_execution_starts_with_the_input_of_the_last_and_an_empty_history()
    {
        await using var world = await DurableWorld.With(functions => functions
            .AddActivity<int, int>("Next", n => Task.FromResult(n + 1))
            .AddOrchestrator("Count", async context =>
            {
                var n = await context.CallActivityAsync<int>("Next", context.GetInput<int>());
                if (n < 50)
                    context.ContinueAsNew(n);
                return n;
            })).StartAsync();

        var id = await world.ScheduleAsync("Count", 0);

        Assert.Equal(50, (await world.EndAsync(id)).ReadOutputAs<int>());
        using var reader = new Ear.Local.Durable.Storage.DurableReader(world.File);
        var stored = reader.Load(reader.Find(id)!.Key)!;
        Assert.Equal((49, 2), (stored.Row.Execution, stored.History.Count));
    }

    private static void Batches(Ear.Local.Durable.DurableFunctions functions, bool preserve) => functions.AddOrchestrator("Batches", async context =>
    {
        var sum = context.GetInput<List<int>>() ?? [];
        if (sum.Count == 0)
        {
            context.SetCustomStatus("ready");
            await context.WaitForExternalEvent<string>("go");
        }

        sum.Add(await context.WaitForExternalEvent<int>("n"));
        if (sum.Count < 6)
            context.ContinueAsNew(sum, preserve);
        return sum;
    });

    [Fact]
    public async Task Events_that_nobody_took_go_along_in_their_order()
    {
        await using var world = await DurableWorld.With(functions => Batches(functions, preserve: true)).StartAsync();
        var id = await world.ScheduleAsync("Batches");
        await world.SaysAsync(id, "ready");
        for (var n = 1; n <= 6; n++)
            await world.RaiseAsync(id, "n", n);

        await world.RestartAsync();
        await world.RaiseAsync(id, "go");

        Assert.Equal([1, 2, 3, 4, 5, 6], (await world.EndAsync(id)).ReadOutputAs<List<int>>());
    }

    [Fact]
    public async Task Events_that_nobody_took_are_dropped_when_asked_to()
    {
        await using var world = await DurableWorld.With(functions => Batches(functions, preserve: false)).StartAsync();
        var id = await world.ScheduleAsync("Batches");
        await world.SaysAsync(id, "ready");
        for (var n = 1; n <= 3; n++)
            await world.RaiseAsync(id, "n", n);
        await world.RaiseAsync(id, "go");
        await DurableWorld.UntilAsync(async () =>
            (await world.Client.GetInstanceAsync(id, true, TestContext.Current.CancellationToken))!.SerializedInput == "[1]");

        for (var n = 10; n < 15; n++)
        {
            var expected = n - 8;
            await world.RaiseAsync(id, "n", n);
            await DurableWorld.UntilAsync(async () =>
                await world.Client.GetInstanceAsync(id, true, TestContext.Current.CancellationToken) is { } seen && (seen.IsCompleted || seen.ReadInputAs<int[]>()!.Length == expected));
        }

        Assert.Equal([1, 10, 11, 12, 13, 14], (await world.EndAsync(id)).ReadOutputAs<List<int>>());
    }

    [Fact]
    public async Task A_new_execution_hears_no_answer_to_the_old_one_and_makes_guids_of_its_own()
    {
        var slow = new TaskCompletionSource<string>();
        await using var world = await DurableWorld.With(functions => functions
            .AddActivity<int, string>("Slow", n => n == 0 ? slow.Task : Task.FromResult("second"))
            .AddOrchestrator("Twice", async context =>
            {
                var before = context.GetInput<string>();
                var guid = context.NewGuid().ToString();
                var answer = context.CallActivityAsync<string>("Slow", before is null ? 0 : 1);
                if (before is null)
                {
                    context.ContinueAsNew(guid);
                    return "";
                }

                await context.WaitForExternalEvent<string>("go");
                return $"{await answer} {before != guid}";
            })).StartAsync();
        var id = await world.ScheduleAsync("Twice");
        await DurableWorld.UntilAsync(async () => (await world.Client.GetInstanceAsync(id, true, TestContext.Current.CancellationToken))!.SerializedInput is not null);

        slow.SetResult("first");
        await world.RaiseAsync(id, "go");

        Assert.Equal("second True", (await world.EndAsync(id)).ReadOutputAs<string>());
    }
}
