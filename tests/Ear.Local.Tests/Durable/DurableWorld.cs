using Ear.Local.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Local.Tests.Durable;

/// <summary>A real engine on a file of its own and a clock that only the test moves. Can be stopped, killed and started again on the same file.</summary>
internal sealed class DurableWorld : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("ear-durable-").FullName;

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>What the engine reads: <see cref="Time"/>, with a wall clock that may be off.</summary>
    public SkewedClock Clock { get; }

    public DurableFunctions Functions { get; set; } = new();

    public ILoggerFactory Loggers { get; set; } = NullLoggerFactory.Instance;

    public DurableEngine Engine { get; private set; } = null!;

    public DurableTaskClient Client => Engine.Client;

    public string File => Path.Combine(_folder, "durable.db");

    public DurableWorld() => Clock = new SkewedClock(Time);

    public static DurableWorld With(Action<DurableFunctions> add)
    {
        var world = new DurableWorld();
        add(world.Functions);
        return world;
    }

    public async Task<DurableWorld> StartAsync(Func<DurableOptions, DurableOptions>? configure = null)
    {
        var options = new DurableOptions { File = File };
        Engine = await DurableEngine.StartAsync(configure?.Invoke(options) ?? options, Functions, Clock, Loggers, TestContext.Current.CancellationToken);
        return this;
    }

    public async Task RestartAsync(Func<DurableOptions, DurableOptions>? configure = null)
    {
        await Engine.DisposeAsync();
        await StartAsync(configure);
    }

    public Task<string> ScheduleAsync(TaskName name, object? input = null, string? id = null) =>
        Client.ScheduleNewOrchestrationInstanceAsync(name, input, new StartOrchestrationOptions(id), TestContext.Current.CancellationToken);

    public async Task<OrchestrationMetadata> EndAsync(string id) =>
        await Client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, TestContext.Current.CancellationToken)
            .WaitAsync(Patience, TestContext.Current.CancellationToken);

    /// <summary>Runs an orchestration to its end and gives its output.</summary>
    public async Task<T?> RunAsync<T>(TaskName name, object? input = null)
    {
        var end = await EndAsync(await ScheduleAsync(name, input));
        Assert.True(end.RuntimeStatus == OrchestrationRuntimeStatus.Completed, $"{end} {end.FailureDetails}");
        return end.ReadOutputAs<T>();
    }

    /// <summary>Waits until an orchestration says so by its custom status: all that it did before is then on disk.</summary>
    public Task SaysAsync(string id, string status) => UntilAsync(async () =>
        (await Client.GetInstanceAsync(id, getInputsAndOutputs: true, TestContext.Current.CancellationToken))?.SerializedCustomStatus == $"\"{status}\"");

    public Task IsAsync(string id, OrchestrationRuntimeStatus status) => UntilAsync(async () =>
        (await Client.GetInstanceAsync(id, TestContext.Current.CancellationToken))?.RuntimeStatus == status);

    public Task RaiseAsync(string id, string name, object? payload = null) =>
        Client.RaiseEventAsync(id, name, payload, TestContext.Current.CancellationToken);

    public static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (!await holds())
            await Task.Delay(2, patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (Engine is not null)
            await Engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
