using Ear.Local.Durable.History;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace Ear.Local.Durable.Orchestrations;

/// <summary>
/// One execution of an orchestrator in memory: rebuilt from its history by <see cref="Replay"/>, driven on by <see cref="Run"/>. Nothing that it decides
/// is seen by anybody before the turn is committed; thrown away at any moment, a replay rebuilds it.
/// </summary>
internal sealed class Execution
{
    private readonly InstanceIdentity _instance;
    private readonly OrchestratorFunction _function;
    private readonly DataConverter _converter;
    private readonly TurnScheduler _scheduler;
    private readonly StepLedger _steps;
    private readonly EventBuffer _events;
    private readonly OrchestrationContext _context;
    private Task<object?>? _code;

    /// <param name="strayed">Called from any thread when the code came back from a task that is not durable: a turn is due that says so.</param>
    public Execution(
        InstanceIdentity instance, string? input, OrchestratorFunction function, DataConverter converter, ILoggerFactory loggers, Action strayed, string? customStatus)
    {
        _instance = instance;
        _function = function;
        _converter = converter;
        _scheduler = new TurnScheduler(strayed);
        _steps = new StepLedger(instance, converter);
        _events = new EventBuffer(converter);
        _context = new OrchestrationContext(instance, input, _steps, _events, _scheduler, converter, loggers) { CustomStatus = customStatus };
    }

    public bool HasStarted => _code is not null;

    /// <summary>Whether a turn is due although nothing was told: the first one, or one that fails the instance.</summary>
    public bool NeedsTurn => !HasStarted || _scheduler.Strayed || _steps.Broken is not null;

    public string? CustomStatus => _context.CustomStatus;

    /// <summary>Time of the last turn, UTC ticks.</summary>
    public long Now => _context.Now;

    public IEnumerable<DurableAction> OpenActivities => Open(ActionKind.Activity);

    public IEnumerable<DurableAction> OpenSubOrchestrations => Open(ActionKind.SubOrchestration);

    /// <summary>When the first timer that somebody waits for is due, UTC ticks.</summary>
    public long? NextTimer
    {
        get
        {
            long? next = null;
            foreach (var task in _steps.Open)
            {
                if (task.Action.Kind == ActionKind.Timer && !task.IsAbandoned && (next is null || task.Action.FireAt < next))
                    next = task.Action.FireAt;
            }

            return next;
        }
    }

    /// <summary>Timers due at a time, the earliest first.</summary>
    public IEnumerable<Message> DueTimers(long now) =>
        Open(ActionKind.Timer).Where(timer => timer.FireAt <= now).OrderBy(timer => timer.FireAt).ThenBy(timer => timer.Id)
            .Select(timer => new Message(MessageKind.TimerFired) { TaskId = timer.Id });

    /// <summary>Repeats a turn of the history, and compares.</summary>
    public void Replay(HistoryTurn turn)
    {
        _context.Replaying = true;
        _ = Take(turn.Time, turn.Told, turn.Decided);
        _context.Replaying = false;
        if (_code!.IsCompleted)
            _steps.EndedEarly();
    }

    /// <summary>Runs a turn that has not happened yet.</summary>
    public TurnOutcome Run(long now, IReadOnlyList<Message> told)
    {
        var (taken, decided) = Take(now, told, recorded: null);
        var turn = new HistoryTurn(now, taken == told.Count ? told : [.. told.Take(taken)], decided);

        if (Broken() is { } broken)
            return new(TurnEnd.Failed, turn, null, TaskFailureDetails.FromException(broken), []);
        if (!_code!.IsCompleted)
            return new(TurnEnd.Waiting, turn, null, null, []);
        if (!_code.IsCompletedSuccessfully)
            return new(TurnEnd.Failed, turn, null, Failure.Of(_code), []);
        if (_context.NextExecution is { } next)
            return new(TurnEnd.ContinuedAsNew, turn, next.Input, null, next.KeepEvents ? Carried(told.Skip(taken)) : []);
        return Completed(turn, _code.Result);
    }

    private TurnOutcome Completed(HistoryTurn turn, object? result)
    {
        try
        {
            return new(TurnEnd.Completed, turn, _converter.Serialize(result), null, []);
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or NotSupportedException)
        {
            return new(TurnEnd.Failed, turn, null, TaskFailureDetails.FromException(exception), []);
        }
    }

    private (int Taken, IReadOnlyList<DurableAction> Decided) Take(long now, IReadOnlyList<Message> told, IReadOnlyList<DurableAction>? recorded)
    {
        _context.Now = now;
        _steps.BeginTurn(recorded);
        var taken = 0;
        _scheduler.Enter(() =>
        {
            if (_code is null)
            {
                _code = Start();
                _scheduler.Drain();
            }

            while (taken < told.Count && !_code.IsCompleted && _steps.Broken is null)
            {
                Apply(told[taken++]);
                _scheduler.Drain();
            }
        });
        return (taken, _steps.EndTurn());
    }

    private Task<object?> Start()
    {
        try
        {
            return _function(_context);
        }
        catch (Exception exception)
        {
            // An orchestrator that is not async throws here; it fails like any other.
            return Task.FromException<object?>(exception);
        }
    }

    private void Apply(Message message)
    {
        if (message.Kind == MessageKind.EventRaised)
            _events.Raise(message.Name!, message.Payload);
        else if (_steps.Close(message.TaskId) is not { } task)
            return;
        else if (message.Kind == MessageKind.Failed)
            task.Fail(message.Failure!);
        else
            task.Complete(message.Payload);
    }

    private OrchestrationBroken? Broken()
    {
        if (_steps.Broken is { } broken)
            return broken;
        var waitsForNothing = !_code!.IsCompleted && _steps.Open.All(task => task.IsAbandoned) && !_events.HasWaiters;
        return waitsForNothing || _scheduler.Strayed || _context.UsedOutsideTurn ? new NotDurableException(_instance.Name, _instance.Id) : null;
    }

    private List<Message> Carried(IEnumerable<Message> untaken) =>
    [
        .. _events.Unclaimed.Select(unclaimed => new Message(MessageKind.EventRaised) { Name = unclaimed.Name, Payload = unclaimed.Payload }),
        .. untaken.Where(message => message.Kind == MessageKind.EventRaised).Select(message => message with { Execution = null, RowId = 0 }),
    ];

    private IEnumerable<DurableAction> Open(ActionKind kind) =>
        _steps.Open.Where(task => task.Action.Kind == kind && !task.IsAbandoned).Select(task => task.Action);
}
