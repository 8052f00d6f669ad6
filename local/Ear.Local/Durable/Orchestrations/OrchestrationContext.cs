using Ear.Local.Durable.History;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Durable.Orchestrations;

/// <summary>What an orchestrator's code sees of its execution.</summary>
internal sealed class OrchestrationContext(
    InstanceIdentity instance, string? input, StepLedger steps, EventBuffer events, TurnScheduler scheduler, DataConverter converter, ILoggerFactory loggers)
    : TaskOrchestrationContext
{
    private readonly string? _input = input;
    private int _guids;

    public override TaskName Name => instance.Name;

    public override string InstanceId => instance.Id;

    public override ParentOrchestrationInstance? Parent => instance.Parent;

    public override DateTime CurrentUtcDateTime => new(Now, DateTimeKind.Utc);

    public override bool IsReplaying => Replaying;

    /// <summary>UTC ticks of the turn.</summary>
    public long Now { get; set; }

    public bool Replaying { get; set; }

    /// <summary>JSON; null when never set or cleared.</summary>
    public string? CustomStatus { get; set; }

    public (string? Input, bool KeepEvents)? NextExecution { get; private set; }

    /// <summary>Whether the code touched its context from outside its turn.</summary>
    public bool UsedOutsideTurn { get; private set; }

    protected override ILoggerFactory LoggerFactory => loggers;

    public override T? GetInput<T>()
        where T : default
    {
        EnsureInTurn();
        return converter.Deserialize<T>(_input);
    }

    public override Task<TResult> CallActivityAsync<TResult>(TaskName name, object? input = null, TaskOptions? options = null)
    {
        var payload = Prepare(name, input);
        return RetryLoop.RunAsync(this, options?.Retry, () => steps.Await<TResult>(
            new(ActionKind.Activity, steps.NextId()) { Name = name.Name, Input = payload }));
    }

    public override Task<TResult> CallSubOrchestratorAsync<TResult>(TaskName orchestratorName, object? input = null, TaskOptions? options = null)
    {
        var payload = Prepare(orchestratorName, input);
        var instanceId = (options as SubOrchestrationOptions)?.InstanceId;
        return RetryLoop.RunAsync(this, options?.Retry, () => steps.Await<TResult>(
            new(ActionKind.SubOrchestration, steps.NextId())
            {
                Name = orchestratorName.Name,
                Input = payload,
                InstanceId = instanceId ?? NewGuid().ToString("N"),
            }));
    }

    public override Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken)
    {
        EnsureInTurn();
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled(cancellationToken);
        var utc = fireAt.Kind == DateTimeKind.Local ? fireAt.ToUniversalTime() : fireAt;
        return steps.Await<object>(new(ActionKind.Timer, steps.NextId()) { FireAt = utc.Ticks }, cancellationToken);
    }

    public override Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default)
    {
        EnsureInTurn();
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        return events.Wait<T>(eventName, cancellationToken);
    }

    public override void SendEvent(string instanceId, string eventName, object payload)
    {
        EnsureInTurn();
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        steps.Send(new(ActionKind.SendEvent, steps.NextId()) { Name = eventName, InstanceId = instanceId, Input = converter.Serialize(payload) });
    }

    public override void SetCustomStatus(object? customStatus)
    {
        EnsureInTurn();
        CustomStatus = converter.Serialize(customStatus);
    }

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true)
    {
        EnsureInTurn();
        NextExecution = (converter.Serialize(newInput), preserveUnprocessedEvents);
    }

    public override Guid NewGuid()
    {
        EnsureInTurn();
        return instance.DeterministicGuid(_guids++);
    }

    private string? Prepare(TaskName name, object? input)
    {
        EnsureInTurn();
        ArgumentException.ThrowIfNullOrEmpty(name.Name, nameof(name));
        return converter.Serialize(input);
    }

    private void EnsureInTurn()
    {
        if (scheduler.InTurn)
            return;
        UsedOutsideTurn = true;
        throw new NotDurableException(instance.Name, instance.Id);
    }
}
