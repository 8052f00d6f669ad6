using System.Text.Json;
using Ear.Local.Durable.History;
using Ear.Local.Durable.Orchestrations;
using Ear.Local.Durable.Storage;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Durable.Dispatch;

/// <summary>An instance's row, its running code, and what it may not be given yet (while it is suspended, or before its start).</summary>
internal sealed class LoadedInstance
{
    private readonly DurableFunctions _functions;
    private readonly ILoggerFactory _loggers;
    private readonly Action _strayed;

    private LoadedInstance(InstanceRow row, DurableFunctions functions, ILoggerFactory loggers, Action strayed)
    {
        (_functions, _loggers, _strayed) = (functions, loggers, strayed);
        Row = row;
        Code = NewExecution(functions.FindOrchestrator(row.Name) ?? NotFound);
    }

    public InstanceRow Row { get; set; }

    public Execution Code { get; private set; }

    public List<Message> Held { get; } = [];

    public bool Suspended { get; set; }

    /// <summary>The time for which its entry in the timer queue is set, UTC ticks.</summary>
    public long? TimerSetFor { get; set; }

    /// <summary>Builds the code's state by replaying the history.</summary>
    public static LoadedInstance Replay(StoredInstance stored, DurableFunctions functions, ILoggerFactory loggers, Action strayed)
    {
        var loaded = new LoadedInstance(stored.Row, functions, loggers, strayed) { Suspended = stored.Row.Status == OrchestrationRuntimeStatus.Suspended };
        if (functions.FindOrchestrator(stored.Row.Name) is null)
            return loaded;
        try
        {
            foreach (var turn in stored.History)
                loaded.Code.Replay(HistoryJson.ReadTurn(turn));
        }
        catch (JsonException exception)
        {
            // No retry can help: the next turn fails the instance, and says why.
            loaded.Code = loaded.NewExecution(_ => throw new InvalidOperationException($"The history of this instance cannot be read: {exception.Message}", exception));
        }

        return loaded;
    }

    public void ContinueAsNew(string? input)
    {
        Row = Row with { Execution = Row.Execution + 1, Input = input };
        Code = NewExecution(_functions.FindOrchestrator(Row.Name) ?? NotFound);
    }

    public ActivityCall CallOf(DurableAction activity) => new(activity.Name, Row.Id, Row.Execution, activity.Id, activity.Input);

    private Execution NewExecution(OrchestratorFunction function) =>
        new(Row.Identity, Row.Input, function, _functions.Converter, _loggers, _strayed, Row.CustomStatus);

    private Task<object?> NotFound(Microsoft.DurableTask.TaskOrchestrationContext context) =>
        throw new InvalidOperationException($"There is no orchestrator function named '{Row.Name}'.");
}
