using System.Diagnostics;
using Ear.Agent.Goals;
using Ear.Agent.Mongod;
using Ear.Nodes;
using Ear.Telemetry;
using Microsoft.Extensions.Logging;

namespace Ear.Agent.Operations;

/// <summary>
/// One operation at a time, from the goal into the journal and on, step by step. What happens if we die: between two steps nothing is
/// lost; within one it is repeated from its beginning; after the last the journal still holds the result that is reported.
/// </summary>
internal sealed class OperationRunner
{
    private readonly Dictionary<NodeOpKind, IOperation> operations;
    private readonly GoalKeeper goals;
    private readonly IJournal journal;
    private readonly TimeProvider time;
    private readonly ILogger<OperationRunner> logger;
    private JournalEntry? entry;
    private StepOutcome.Wait? waiting;
    private long? workedAt;
    private double worked;
    private Activity? span;

    public OperationRunner(IEnumerable<IOperation> operations, GoalKeeper goals, IJournal journal, TimeProvider time, ILogger<OperationRunner> logger)
    {
        this.operations = operations.ToDictionary(operation => operation.Kind);
        this.goals = goals;
        this.journal = journal;
        this.time = time;
        this.logger = logger;
        entry = journal.Load();
        worked = entry?.WorkedSeconds ?? 0;
        if (entry is { IsOpen: true })
        {
            Log.Resumed(logger, entry.Op.Kind, entry.Op.Id, entry.Step);
            Trace(entry);
        }
    }

    /// <summary>The last operation, finished or not; null before the first.</summary>
    public OpReport? Report => entry is null
        ? null
        : new OpReport(entry.Op.Id, entry.Phase, entry.Step, entry.IsOpen ? waiting?.Percent : null, entry.ErrorCode, entry.IsOpen ? waiting?.Why : entry.Detail);

    /// <summary>
    /// The <c>traceparent</c> of the operation, until the control plane has taken its end: that of its span, or where nobody collects spans here, of its order.
    /// </summary>
    public string? TraceParent => entry is not null && goals.Current?.Op?.Id == entry.Op.Id ? span?.Id ?? entry.Trace : null;

    public bool IsOpen => entry is { IsOpen: true };

    public bool HoldsProcess => entry is { IsOpen: true } && operations[entry.Op.Kind].HoldsProcess(entry.Step);

    /// <summary>Goes on as far as it can without waiting.</summary>
    /// <param name="self">mongod at the look that this tick begins with.</param>
    /// <param name="stepped">Called after each step: reports it, and looks again, because a step may have stopped mongod.</param>
    public async Task TickAsync(NodeGoal goal, MongodView self, Func<CancellationToken, Task<MongodView>> stepped, CancellationToken cancellation)
    {
        Take(goal);
        if (entry is not { IsOpen: true })
            return;
        // Its span lives longer than any one tick; what a step calls belongs to it.
        if (span is { IsStopped: false })
            Activity.Current = span;
        // A cluster that is stopped for its key keeps its operations; their clocks stand still.
        if (goal.Process == WantedProcess.Stopped)
        {
            workedAt = null;
            waiting = new StepOutcome.Wait("paused: the process is to be stopped");
            return;
        }

        while (entry is { IsOpen: true } current && !cancellation.IsCancellationRequested)
        {
            Count();
            var outcome = await RunStepAsync(current, new OpContext(goal, self, goals.LeaseLeft(current.Op.Id)), cancellation);
            if (outcome is StepOutcome.Wait wait)
            {
                waiting = wait;
                if (worked <= current.Op.DeadlineSeconds)
                    return;
                outcome = operations[current.Op.Kind].GiveUp(current, $"{current.Step} took longer than the operation's {current.Op.DeadlineSeconds} s: {wait.Why}");
                // What cannot be given up any more (old data is being deleted, a roll-back) is waited for.
                if (outcome is StepOutcome.Wait)
                    return;
            }

            Advance(current, outcome);
            self = await stepped(cancellation);
        }
    }

    private void Take(NodeGoal goal)
    {
        if (entry is { IsOpen: true } || goal.Op is not { } op || op.Id == entry?.Op.Id)
            return;
        worked = 0;
        workedAt = null;
        Write(new JournalEntry(op, operations[op.Kind].FirstStep) { Trace = goal.Trace });
        Trace(entry!);
        Log.Begun(logger, op.Kind, op.Id);
    }

    private void Trace(JournalEntry begun)
    {
        span = EarTraces.GoOn(begun.Trace, $"operation {begun.Op.Kind}");
        span?.AddEvent(new ActivityEvent(begun.Step));
    }

    private void EndTrace(string? error)
    {
        if (error is not null)
            span?.SetStatus(ActivityStatusCode.Error, error);
        span?.Stop();
    }

    private async Task<StepOutcome> RunStepAsync(JournalEntry current, OpContext context, CancellationToken cancellation)
    {
        try
        {
            return await operations[current.Op.Kind].RunAsync(current, context, cancellation);
        }
        catch (MongodException exception)
        {
            return new StepOutcome.Wait(exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (waiting?.Why != exception.Message)
                Log.StepFailed(logger, current.Op.Id, current.Step, exception);
            return new StepOutcome.Wait(exception.Message);
        }
    }

    private void Advance(JournalEntry current, StepOutcome outcome)
    {
        waiting = null;
        switch (outcome)
        {
            case StepOutcome.Next next:
                Write(next.Entry with { WorkedSeconds = worked });
                span?.AddEvent(new ActivityEvent(next.Entry.Step));
                Log.Step(logger, current.Op.Id, next.Entry.Step);
                break;
            case StepOutcome.Done:
                Write(current with { Phase = OpPhase.Succeeded, Step = "Done", WorkedSeconds = worked });
                EndTrace(error: null);
                Log.Succeeded(logger, current.Op.Kind, current.Op.Id, worked);
                break;
            case StepOutcome.Failed failed:
                Write(current with { Phase = OpPhase.Failed, ErrorCode = failed.Code, Detail = failed.Why, WorkedSeconds = worked });
                EndTrace(failed.Code);
                Log.Failed(logger, current.Op.Kind, current.Op.Id, current.Step, failed.Code, failed.Why);
                break;
            default:
                throw new InvalidOperationException($"Unknown outcome {outcome}.");
        }
    }

    private void Write(JournalEntry next)
    {
        journal.Save(next);
        entry = next;
    }

    private void Count()
    {
        var now = time.GetTimestamp();
        if (workedAt is { } since)
            worked += time.GetElapsedTime(since, now).TotalSeconds;
        workedAt = now;
    }
}
