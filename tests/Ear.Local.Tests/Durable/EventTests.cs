using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Ear.Local.Tests.Durable;

public sealed class EventTests
{
    private static void Collector(Ear.Local.Durable.DurableFunctions functions) => functions.AddOrchestrator("Collect", async context =>
    {
        var seen = new List<int>();
        context.SetCustomStatus("ready");
        await context.WaitForExternalEvent<string>("go");
        for (var n = 0; n < 20; n++)
            seen.Add(await context.WaitForExternalEvent<int>("NUMBER"));
        return seen;
    });

    [Fact]
    public async Task Events_are_kept_until_awaited_in_their_order_and_their_names_have_no_case()
    {
        await using var world = await DurableWorld.With(Collector).StartAsync();
        var id = await world.ScheduleAsync("Collect");

        for (var n = 0; n < 20; n++)
            await world.RaiseAsync(id, n % 2 == 0 ? "Number" : "number", n);
        await world.RestartAsync();
        await world.RaiseAsync(id, "GO");

        Assert.Equal(Enumerable.Range(0, 20), (await world.EndAsync(id)).ReadOutputAs<int[]>());
    }

    [Fact]
    public async Task An_event_can_be_raised_before_the_first_turn()
    {
        await using var world = await DurableWorld.With(Collector).StartAsync();
        var id = await world.Client.ScheduleNewOrchestrationInstanceAsync(
            "Collect", options: new(StartAt: world.Time.GetUtcNow().AddHours(1)), cancellation: TestContext.Current.CancellationToken);
        await world.RaiseAsync(id, "go");
        for (var n = 0; n < 20; n++)
            await world.RaiseAsync(id, "number", n);

        world.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(20, (await world.EndAsync(id)).ReadOutputAs<int[]>()!.Length);
    }

    [Fact]
    public async Task A_wait_with_a_timeout_ends_when_the_event_does_not_come()
    {
        await using var world = await DurableWorld.With(functions => functions.AddOrchestrator("Wait", async context =>
        {
            context.SetCustomStatus("waiting");
            try
            {
                return await context.WaitForExternalEvent<string>("report", TimeSpan.FromSeconds(50));
            }
            catch (OperationCanceledException)
            {
                return "timed out, then " + await context.WaitForExternalEvent<string>("report", TimeSpan.FromSeconds(50));
            }
        })).StartAsync();
        var id = await world.ScheduleAsync("Wait");
        await world.SaysAsync(id, "waiting");

        world.Time.Advance(TimeSpan.FromSeconds(51));
        await DurableWorld.UntilAsync(async () =>
            (await world.Client.GetInstanceAsync(id, TestContext.Current.CancellationToken))!.LastUpdatedAt >= world.Time.Start.AddSeconds(50));
        await world.RaiseAsync(id, "report", "n0 is up");

        Assert.Equal("timed out, then n0 is up", (await world.EndAsync(id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task An_event_is_not_given_to_somebody_who_has_stopped_waiting()
    {
        await using var world = await DurableWorld.With(functions => functions.AddOrchestrator("Two", async context =>
        {
            using var cancel = new CancellationTokenSource();
            var first = context.WaitForExternalEvent<string>("x", cancel.Token);
            cancel.Cancel();
            var second = context.WaitForExternalEvent<string>("x");
            context.SetCustomStatus("ready");
            return $"{first.IsCanceled} {await second}";
        })).StartAsync();
        var id = await world.ScheduleAsync("Two");
        await world.SaysAsync(id, "ready");

        await world.RaiseAsync(id, "x", "late");

        Assert.Equal("True late", (await world.EndAsync(id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task One_orchestration_can_send_an_event_to_another()
    {
        await using var world = await DurableWorld.With(functions => functions
            .AddOrchestrator("Receive", context => context.WaitForExternalEvent<string>("note"))
            .AddOrchestrator("Send", context =>
            {
                context.SendEvent("receiver", "NOTE", "from " + context.InstanceId);
                return Task.FromResult(0);
            })).StartAsync();
        await world.ScheduleAsync("Receive", id: "receiver");

        await world.ScheduleAsync("Send", id: "sender");

        Assert.Equal("from sender", (await world.EndAsync("receiver")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Events_for_nobody_are_dropped()
    {
        await using var world = await DurableWorld.With(functions => functions.AddOrchestrator("Nop", _ => Task.FromResult(1))).StartAsync();
        await world.EndAsync(await world.ScheduleAsync("Nop", id: "done"));

        await world.RaiseAsync("done", "x");
        await world.RaiseAsync("never", "x");

        Assert.Equal(OrchestrationRuntimeStatus.Completed, (await world.EndAsync("done")).RuntimeStatus);
        Assert.Null(await world.Client.GetInstanceAsync("never", TestContext.Current.CancellationToken));
    }
}
