using Ear.Local.Durable;
using Ear.Local.Durable.Dispatch;
using Ear.Local.Durable.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Local.Tests.Durable;

public sealed class StorageTests
{
    [Fact]
    public async Task A_file_has_one_engine_at_a_time()
    {
        await using var world = await new DurableWorld().StartAsync();

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => DurableEngine.StartAsync(
            new DurableOptions { File = world.File }, new DurableFunctions(), TimeProvider.System, NullLoggerFactory.Instance, TestContext.Current.CancellationToken));

        Assert.Contains("used by another durable engine", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_another_format_is_not_touched()
    {
        await using var world = await new DurableWorld().StartAsync();
        await world.Engine.DisposeAsync();
        using (var connection = new SqliteConnection($"Data Source={world.File};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version=99";
            command.ExecuteNonQuery();
        }

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => world.StartAsync());

        Assert.Contains("another version of the durable engine", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Idle_instances_leave_memory_and_come_back_when_they_are_told_something()
    {
        await using var world = await DurableWorld.With(functions => functions
            .AddActivity<string, string>("A", text => Task.FromResult("a" + text))
            .AddOrchestrator("Wait", async context =>
            {
                var a = await context.CallActivityAsync<string>("A", context.GetInput<string>());
                context.SetCustomStatus("waiting");
                return a + await context.WaitForExternalEvent<string>("go");
            })).StartAsync(options => options with { MaxLiveInstances = 1 });
        for (var n = 0; n < 30; n++)
            await world.ScheduleAsync("Wait", $"{n}", id: $"{n}");
        for (var n = 0; n < 30; n++)
            await world.SaysAsync($"{n}", "waiting");

        for (var n = 0; n < 30; n++)
            await world.RaiseAsync($"{n}", "go", "!");

        for (var n = 0; n < 30; n++)
            Assert.Equal($"a{n}!", (await world.EndAsync($"{n}")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task A_write_that_cannot_succeed_does_not_take_its_neighbours_with_it()
    {
        await using var world = await new DurableWorld().StartAsync();
        await world.Engine.DisposeAsync();
        using var blocked = new ManualResetEventSlim();
        var writer = new GroupCommit(new DurableWriter(world.File), hook: null, _ => { }, NullLogger.Instance);
        var first = new Write(inner => blocked.Wait(TestContext.Current.CancellationToken));
        var good = new[] { new Write(inner => inner.InsertInstance("a", "x", null, 1, null, null)), new Write(inner => inner.InsertInstance("b", "x", null, 1, null, null)) };
        var bad = new Write(inner => inner.InsertInstance("a", "x", null, 1, null, null));

        writer.Enqueue(first);
        foreach (var intent in new[] { good[0], bad, good[1] })
            writer.Enqueue(intent);
        blocked.Set();

        await Task.WhenAll(first.Done, good[0].Done, good[1].Done);
        await Assert.ThrowsAsync<SqliteException>(() => bad.Done);
        writer.Dispose();
    }

    [Fact]
    public async Task A_history_that_cannot_be_read_fails_its_instance()
    {
        await using var world = await DurableWorld.With(functions => functions.AddOrchestrator("Wait", async context =>
        {
            context.SetCustomStatus("waiting");
            return await context.WaitForExternalEvent<string>("go");
        })).StartAsync();
        var id = await world.ScheduleAsync("Wait");
        await world.SaysAsync(id, "waiting");
        await world.Engine.DisposeAsync();
        using (var connection = new SqliteConnection($"Data Source={world.File};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "UPDATE history SET turn = x'7B'";
            command.ExecuteNonQuery();
        }

        await world.StartAsync();
        await world.RaiseAsync(id, "go", "!");
        var end = await world.EndAsync(id);

        Assert.Equal(OrchestrationRuntimeStatus.Failed, end.RuntimeStatus);
        Assert.Contains("cannot be read", end.FailureDetails!.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_wait_while_the_backlog_is_full_and_are_refused_when_it_stays_so()
    {
        var time = new FakeTimeProvider();
        var backlog = new Backlog(2, TimeSpan.FromSeconds(30), time);
        backlog.Add();
        backlog.Add();

        var patient = backlog.WaitForRoomAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(patient.IsCompleted);
        backlog.Remove();
        await patient;

        backlog.Add();
        var refused = backlog.WaitForRoomAsync(TestContext.Current.CancellationToken).AsTask();
        time.Advance(TimeSpan.FromSeconds(31));
        await Assert.ThrowsAsync<InvalidOperationException>(() => refused);
    }

    [Fact]
    public void Settings_out_of_bounds_are_reported_together()
    {
        var faults = Assert.Throws<InvalidOperationException>(() => DurableOptions.FromHostJson(
            """{"extensions":{"durableTask":{"hubName":"h","maxConcurrentActivityFunctions":0,"maxConcurrentOrchestratorFunctions":5000}}}""", "f"));

        Assert.Contains("MaxConcurrentActivities is 0", faults.Message, StringComparison.Ordinal);
        Assert.Contains("MaxConcurrentTurns is 5000", faults.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_two_limits_and_the_hub_come_from_host_json()
    {
        var options = DurableOptions.FromHostJson(
            """{"extensions":{"durableTask":{"hubName":"h","maxConcurrentActivityFunctions":7,"maxConcurrentOrchestratorFunctions":9}}}""", "f");

        Assert.Equal(("h", 7, 9), (options.HubName, options.MaxConcurrentActivities, options.MaxConcurrentTurns));
    }

    private sealed class Write(Action<DurableWriter> write) : WriteIntent<bool>
    {
        public override void Apply(DurableWriter writer) => write(writer);

        protected override bool Result() => true;
    }
}
