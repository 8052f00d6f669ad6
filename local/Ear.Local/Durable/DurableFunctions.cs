using Microsoft.DurableTask;

namespace Ear.Local.Durable;

/// <summary>Code of an orchestrator; its result is serialised by the engine.</summary>
internal delegate Task<object?> OrchestratorFunction(TaskOrchestrationContext context);

/// <summary>Runs one activity: JSON in, JSON out. Cancelled when the engine stops; the activity then runs again after the restart.</summary>
internal delegate Task<string?> ActivityFunction(ActivityCall call, CancellationToken stopping);

/// <summary>One call of an activity. Delivered at least once: the pair of instance and step is the same each time.</summary>
/// <param name="Input">JSON.</param>
internal sealed record ActivityCall(string Name, string InstanceId, long Execution, int TaskId, string? Input);

/// <summary>The orchestrators and activities that an engine can run, by name without regard to case. Filled before the engine starts.</summary>
internal sealed class DurableFunctions
{
    private readonly Dictionary<string, OrchestratorFunction> _orchestrators = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ActivityFunction> _activities = new(StringComparer.OrdinalIgnoreCase);

    public DataConverter Converter { get; init; } = Microsoft.DurableTask.Converters.JsonDataConverter.Default;

    public DurableFunctions AddOrchestrator(string name, OrchestratorFunction orchestrator)
    {
        if (!_orchestrators.TryAdd(name, orchestrator))
            throw new InvalidOperationException($"Two orchestrators are named '{name}': rename one of the functions.");
        return this;
    }

    public DurableFunctions AddActivity(string name, ActivityFunction activity)
    {
        if (!_activities.TryAdd(name, activity))
            throw new InvalidOperationException($"Two activities are named '{name}': rename one of the functions.");
        return this;
    }

    /// <summary>Registers an orchestrator that returns a value.</summary>
    public DurableFunctions AddOrchestrator<TResult>(string name, Func<TaskOrchestrationContext, Task<TResult>> orchestrator) =>
        AddOrchestrator(name, new OrchestratorFunction(async context => await orchestrator(context)));

    /// <summary>Registers an activity with a typed input and result.</summary>
    public DurableFunctions AddActivity<TInput, TResult>(string name, Func<TInput, Task<TResult>> activity) =>
        AddActivity(name, new ActivityFunction(async (call, _) => Converter.Serialize(await activity(Converter.Deserialize<TInput>(call.Input)!))));

    public OrchestratorFunction? FindOrchestrator(string name) => _orchestrators.GetValueOrDefault(name);

    public ActivityFunction? FindActivity(string name) => _activities.GetValueOrDefault(name);
}
