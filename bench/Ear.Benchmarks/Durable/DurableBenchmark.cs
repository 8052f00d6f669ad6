using Ear.Local.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ear.Benchmarks.Durable;

/// <summary>Whole orchestrations through the engine, every step on disk, beside a writer that commits as often and does nothing else.</summary>
internal sealed class DurableBenchmark : IBenchmark
{
    private const int Steps = 5;
    private const int Parallel = 100;

    private int _ran;

    public string Name => "durable";

    public string About => "orchestrations through the durable engine, every step durable, beside a bare group-committing SQLite writer";

    public async Task RunAsync(BenchmarkOptions options)
    {
        Rounds.PrintHead();
        foreach (var (inFlight, workflows) in new[] { (1, 1000), (16, 6000), (128, 12000) })
        {
            // A workflow is 1 creation and 6 turns, each of which waits for its commit.
            await BareAsync(options, inFlight, workflows, commits: Steps + 2);
            await SequentialAsync(options, inFlight, workflows);
        }

        await FanOutAsync(options, inFlight: 8, workflows: 3000);
    }

    private static async Task BareAsync(BenchmarkOptions options, int inFlight, int workflows, int commits)
    {
        using var writer = new BareWriter(Path.Combine(NewFolder(options), "bare.db"));
        await Rounds.MeasureAsync($"bare writer, {commits} commits each, {inFlight} in flight", "workflows", options.Rounds, async () =>
        {
            await ForEachAsync(workflows, inFlight, async () =>
            {
                for (var n = 0; n < commits; n++)
                    await writer.WriteAsync();
            });
            return workflows;
        });
    }

    private async Task SequentialAsync(BenchmarkOptions options, int inFlight, int workflows)
    {
        await using var engine = await StartAsync(options);
        await Rounds.MeasureAsync($"engine, {Steps} activities in a row, {inFlight} in flight", "workflows", options.Rounds, async () =>
        {
            await RunAllAsync(engine.Client, "Sequence", workflows, inFlight, Steps);
            return workflows;
        });
    }

    private async Task FanOutAsync(BenchmarkOptions options, int inFlight, int workflows)
    {
        await using var engine = await StartAsync(options);
        await Rounds.MeasureAsync($"engine, {Parallel} activities in parallel, {inFlight} in flight", "activities", options.Rounds, async () =>
        {
            await RunAllAsync(engine.Client, "FanOut", workflows, inFlight, Parallel);
            return workflows * Parallel;
        });
    }

    private async Task RunAllAsync(DurableTaskClient client, TaskName name, int workflows, int inFlight, int activities)
    {
        _ran = 0;
        await ForEachAsync(workflows, inFlight, () => RunOneAsync(client, name));
        if (_ran != workflows * activities)
            throw new InvalidOperationException($"{workflows} workflows ran {_ran} activities instead of {workflows * activities}.");
    }

    private static async Task RunOneAsync(DurableTaskClient client, TaskName name)
    {
        var id = await client.ScheduleNewOrchestrationInstanceAsync(name, input: "orders");
        var end = await client.WaitForInstanceCompletionAsync(id);
        if (end.RuntimeStatus != OrchestrationRuntimeStatus.Completed)
            throw new InvalidOperationException($"{end} {end.FailureDetails}");
    }

    private Task<DurableEngine> StartAsync(BenchmarkOptions options)
    {
        var functions = new DurableFunctions()
            .AddActivity<string, string>("Step", text =>
            {
                Interlocked.Increment(ref _ran);
                return Task.FromResult(text);
            })
            .AddOrchestrator("Sequence", async context =>
            {
                var text = context.GetInput<string>()!;
                for (var n = 0; n < Steps; n++)
                    text = await context.CallActivityAsync<string>("Step", text);
                return text;
            })
            .AddOrchestrator("FanOut", async context =>
            {
                var all = await Task.WhenAll(Enumerable.Range(0, Parallel).Select(n => context.CallActivityAsync<string>("Step", $"{n}")));
                return all.Length;
            });
        return DurableEngine.StartAsync(
            new DurableOptions { File = Path.Combine(NewFolder(options), "durable.db") }, functions, TimeProvider.System, NullLoggerFactory.Instance);
    }

    private static string NewFolder(BenchmarkOptions options)
    {
        var folder = Directory.CreateDirectory(Path.Combine(options.Folder, "ear-bench-" + Path.GetRandomFileName())).FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }

    private static Task ForEachAsync(int count, int inFlight, Func<Task> run)
    {
        var left = count;
        return Task.WhenAll(Enumerable.Range(0, inFlight).Select(async _ =>
        {
            await Task.Yield();
            while (Interlocked.Decrement(ref left) >= 0)
                await run();
        }));
    }
}
