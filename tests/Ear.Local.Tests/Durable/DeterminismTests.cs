using Ear.Local.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Tests.Durable;

public sealed class DeterminismTests
{
    private static DurableFunctions WithCode(Func<TaskOrchestrationContext, Task<string>> code) => new DurableFunctions()
        .AddActivity<string, string>("A", text => Task.FromResult("a" + text))
        .AddActivity<string, string>("B", text => Task.FromResult("b" + text))
        .AddOrchestrator("Code", code);

    [Fact]
    public async Task Time_and_guids_are_the_same_in_a_replay()
    {
        await using var world = await DurableWorld.With(functions => functions.AddOrchestrator("Code", async context =>
        {
            var (time, guid, other) = (context.CurrentUtcDateTime, context.NewGuid(), context.NewGuid());
            context.SetCustomStatus($"{time:O} {guid} {guid != other}");
            var before = $"{time:O} {guid} {guid != other}";
            await context.WaitForExternalEvent<string>("go");
            return before;
        })).StartAsync();
        var id = await world.ScheduleAsync("Code");
        string? seen = null;
        await DurableWorld.UntilAsync(async () =>
            (seen = (await world.Client.GetInstanceAsync(id, true, TestContext.Current.CancellationToken))!.ReadCustomStatusAs<string>()) is not null);

        world.Time.Advance(TimeSpan.FromDays(1));
        await world.RestartAsync();
        await world.RaiseAsync(id, "go");

        Assert.Equal(seen, (await world.EndAsync(id)).ReadOutputAs<string>());
        Assert.EndsWith("True", seen, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string> ChangedCodes => new()
    {
        { "other activity", "Step 1", "recorded was activity 'A', the code now asks for activity 'B'" },
        { "timer", "Step 1", "recorded was activity 'A', the code now asks for a timer" },
        { "shorter", "Step 1", "recorded was activity 'A', the code now asks for nothing more in this turn" },
        { "longer", "Step 2", "recorded was nothing more in this turn, the code now asks for activity 'B'" },
        { "ends", "Step 2", "recorded was that the code went on, the code now asks for the end of the code" },
    };

    [Theory]
    [MemberData(nameof(ChangedCodes))]
    public async Task Code_that_decides_otherwise_in_a_replay_fails_and_the_failure_names_the_step(string change, string step, string difference)
    {
        await using var world = new DurableWorld
        {
            Functions = WithCode(async context =>
            {
                var a = await context.CallActivityAsync<string>("A");
                context.SetCustomStatus("waiting");
                return a + await context.WaitForExternalEvent<string>("go");
            }),
        };
        await world.StartAsync();
        var id = await world.ScheduleAsync("Code");
        await world.SaysAsync(id, "waiting");
        await world.Engine.DisposeAsync();

        world.Functions = WithCode(async context =>
        {
            if (change == "other activity")
                return await context.CallActivityAsync<string>("B");
            if (change == "timer")
                await context.CreateTimer(TimeSpan.FromDays(1), CancellationToken.None);
            if (change == "shorter")
                return await context.WaitForExternalEvent<string>("go");
            if (change == "longer")
                _ = (context.CallActivityAsync<string>("A"), context.CallActivityAsync<string>("B"));
            else
                return await context.CallActivityAsync<string>("A");
            return await context.WaitForExternalEvent<string>("go");
        });
        await world.StartAsync();
        await world.RaiseAsync(id, "go", "!");
        var end = await world.EndAsync(id);

        Assert.Equal(OrchestrationRuntimeStatus.Failed, end.RuntimeStatus);
        Assert.StartsWith(step, end.FailureDetails!.ErrorMessage, StringComparison.Ordinal);
        Assert.Contains(difference, end.FailureDetails.ErrorMessage, StringComparison.Ordinal);
    }

    public static TheoryData<string> NotDurable => ["foreign", "pool", "configure await", "context from the pool"];

    [Theory]
    [MemberData(nameof(NotDurable))]
    public async Task Awaiting_a_task_that_is_not_durable_fails_the_instance_and_says_what_to_do(string what)
    {
        var foreign = new TaskCompletionSource();
        await using var world = new DurableWorld
        {
            Functions = WithCode(async context =>
            {
                if (what == "foreign")
                    await foreign.Task;
                else if (what == "pool")
                    await Task.Run(() => foreign.Task);
                else if (what == "configure await")
                    await foreign.Task.ConfigureAwait(false);
                else
                    await Task.Run(() => context.CallActivityAsync<string>("A"));
                return "never";
            }),
        };
        await world.StartAsync();

        AssertNotDurable(await world.EndAsync(await world.ScheduleAsync("Code")));
    }

    [Fact]
    public async Task A_task_that_is_not_durable_is_noticed_beside_a_durable_one_when_it_comes_back()
    {
        var foreign = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var world = new DurableWorld
        {
            Functions = WithCode(async context =>
            {
                context.SetCustomStatus("waiting");
                await Task.WhenAny(foreign.Task, context.WaitForExternalEvent<string>("never"));
                return "never";
            }),
        };
        await world.StartAsync();
        var id = await world.ScheduleAsync("Code");
        await world.SaysAsync(id, "waiting");

        foreign.SetResult();

        AssertNotDurable(await world.EndAsync(id));
    }

    private static void AssertNotDurable(OrchestrationMetadata end)
    {
        Assert.Equal(OrchestrationRuntimeStatus.Failed, end.RuntimeStatus);
        Assert.Contains("awaits a task that is not durable", end.FailureDetails!.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Code_between_two_steps_runs_on_one_thread_at_a_time()
    {
        var (inside, overlaps) = (0, 0);
        await using var world = new DurableWorld
        {
            Functions = WithCode(async context =>
            {
                var all = await Task.WhenAll(Enumerable.Range(0, 50).Select(async n =>
                {
                    var text = await context.CallActivityAsync<string>("A", n.ToString());
                    overlaps += Interlocked.Increment(ref inside) - 1;
                    Thread.SpinWait(1000);
                    Interlocked.Decrement(ref inside);
                    return text;
                }));
                return string.Concat(all);
            }),
        };
        await world.StartAsync();

        await world.RunAsync<string>("Code");

        Assert.Equal(0, overlaps);
    }

    [Fact]
    public async Task A_replay_safe_logger_says_each_thing_once()
    {
        var log = new ListLogger();
        await using var world = new DurableWorld
        {
            Loggers = log,
            Functions = WithCode(async context =>
            {
                var logger = context.CreateReplaySafeLogger("orchestrator");
                logger.LogInformation("before, replaying {IsReplaying}", context.IsReplaying);
                context.SetCustomStatus("waiting");
                await context.WaitForExternalEvent<string>("go");
                logger.LogInformation("after, replaying {IsReplaying}", context.IsReplaying);
                return "";
            }),
        };
        await world.StartAsync();
        var id = await world.ScheduleAsync("Code");
        await world.SaysAsync(id, "waiting");

        await world.RestartAsync();
        await world.RaiseAsync(id, "go");
        await world.EndAsync(id);

        Assert.Equal(["before, replaying False", "after, replaying False"], log.Of("orchestrator"));
    }

    [Fact]
    public async Task An_orchestrator_that_throws_fails_its_instance_and_no_other()
    {
        await using var world = new DurableWorld { Functions = WithCode(context => throw new InvalidOperationException("poison")) };
        world.Functions.AddOrchestrator("Good", context => context.CallActivityAsync<string>("A", "!"));
        await world.StartAsync();

        var end = await world.EndAsync(await world.ScheduleAsync("Code"));

        Assert.Equal((OrchestrationRuntimeStatus.Failed, "poison"), (end.RuntimeStatus, end.FailureDetails!.ErrorMessage));
        Assert.Equal("a!", await world.RunAsync<string>("Good"));
    }

    private sealed class ListLogger : ILoggerFactory
    {
        private readonly List<(string Category, string Text)> _lines = [];

        public IEnumerable<string> Of(string category)
        {
            lock (_lines)
                return [.. _lines.Where(line => line.Category == category).Select(line => line.Text)];
        }

        public ILogger CreateLogger(string categoryName) => new Writer(this, categoryName);

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }

        private sealed class Writer(ListLogger log, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                lock (log._lines)
                    log._lines.Add((category, formatter(state, exception)));
            }
        }
    }
}
