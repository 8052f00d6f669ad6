using Ear.Local.Durable.History;
using Ear.Local.Durable.Orchestrations;
using Ear.Local.Durable.Storage;
using Microsoft.DurableTask.Client;

namespace Ear.Local.Durable.Dispatch;

/// <summary>Carries out one turn of a loaded instance, in memory only: what it comes to is a <see cref="TurnCommit"/>.</summary>
internal static class TurnRunner
{
    /// <param name="wall">UTC ticks of the wall clock.</param>
    /// <param name="wake">Time at which a timer of it was due, 0 for none. The instance's time never runs behind it, nor backwards.</param>
    /// <returns>Null when there is nothing to write.</returns>
    public static TurnDraft? Run(LoadedInstance loaded, List<Message> inbox, long wall, long wake)
    {
        var now = Math.Max(Math.Max(wall, wake), loaded.Code.Now);
        var before = loaded.Row.Status;
        var draft = new TurnDraft(loaded, now);
        var told = Sort(loaded, inbox, draft);

        if (draft.Terminated is { } terminate)
            return Terminate(draft, terminate);
        if (MayRun(loaded, now))
        {
            told.InsertRange(0, loaded.Held);
            loaded.Held.Clear();
            told.AddRange(loaded.Code.DueTimers(now));
            if (told.Count > 0 || loaded.Code.NeedsTurn)
                return Drive(draft, told);
        }
        else
        {
            Hold(loaded, told, draft);
        }

        draft.State = Waiting(loaded);
        return draft.HasChanges || draft.State.Status != before ? draft : null;
    }

    private static bool MayRun(LoadedInstance loaded, long now) =>
        !loaded.Suspended && (loaded.Code.HasStarted || loaded.Row.StartAt is null || loaded.Row.StartAt <= now);

    /// <summary>Drops what answers an earlier execution, obeys what steers, and leaves what is for the code.</summary>
    private static List<Message> Sort(LoadedInstance loaded, List<Message> inbox, TurnDraft draft)
    {
        var told = new List<Message>(inbox.Count);
        foreach (var message in inbox)
        {
            var stale = message.Execution is { } execution && execution != loaded.Row.Execution;
            if (message.IsForCode && !stale)
            {
                told.Add(message);
                continue;
            }

            // A stale answer without a row leaves nothing behind: the step numbers of this execution are not its own.
            if (message.RowId != 0)
                draft.Consume(message);
            if (stale)
                continue;
            if (message.Kind == MessageKind.Terminate)
                draft.Terminated ??= message;
            else
                loaded.Suspended = message.Kind == MessageKind.Suspend;
        }

        return told;
    }

    private static void Hold(LoadedInstance loaded, List<Message> told, TurnDraft draft)
    {
        loaded.Held.AddRange(told);
        draft.Keep.AddRange(told.Where(message => message.RowId == 0));
        foreach (var message in draft.Keep)
            draft.Settled.Add(message.TaskId);
    }

    private static TurnDraft Drive(TurnDraft draft, List<Message> told)
    {
        var loaded = draft.Instance;
        foreach (var message in told)
            draft.Consume(message);

        var outcome = loaded.Code.Run(draft.Now, told);
        draft.Turn = outcome.Turn;
        switch (outcome.End)
        {
            case TurnEnd.Waiting:
                draft.State = Waiting(loaded);
                draft.Start.AddRange(outcome.Turn.Decided.Where(action => action.Kind == ActionKind.Activity).Select(loaded.CallOf));
                break;
            case TurnEnd.ContinuedAsNew:
                draft.Detach.AddRange(loaded.Code.OpenActivities.Select(loaded.CallOf));
                draft.ContinueWith(outcome.Result, outcome.Carried);
                break;
            default:
                var status = outcome.End == TurnEnd.Completed ? OrchestrationRuntimeStatus.Completed : OrchestrationRuntimeStatus.Failed;
                draft.Detach.AddRange(loaded.Code.OpenActivities.Select(loaded.CallOf));
                draft.State = new(status, null, Busy: false, outcome.Result, loaded.Code.CustomStatus, outcome.Failure);
                break;
        }

        return draft;
    }

    private static TurnDraft Terminate(TurnDraft draft, Message terminate)
    {
        var code = draft.Instance.Code;
        draft.Detach.AddRange(code.OpenActivities.Select(draft.Instance.CallOf));
        if (terminate.Recursive)
            draft.TerminateToo.AddRange(code.OpenSubOrchestrations.Select(action => action.InstanceId!));
        draft.State = new(OrchestrationRuntimeStatus.Terminated, null, Busy: false, terminate.Payload, code.CustomStatus, Failure: null);
        return draft;
    }

    /// <summary>When it must be looked at again by itself: its first timer, or its start. Never while it is suspended.</summary>
    public static long? NextWake(LoadedInstance loaded) =>
        loaded.Suspended ? null : loaded.Code.HasStarted ? loaded.Code.NextTimer : loaded.Row.StartAt;

    private static InstanceState Waiting(LoadedInstance loaded)
    {
        var status = loaded.Suspended ? OrchestrationRuntimeStatus.Suspended
            : loaded.Code.HasStarted || loaded.Row.Execution > 0 ? OrchestrationRuntimeStatus.Running
            : OrchestrationRuntimeStatus.Pending;
        var busy = loaded.Code.OpenActivities.Any() || (!loaded.Code.HasStarted && loaded.Row.Execution > 0);
        return new(status, NextWake(loaded), busy, Output: null, loaded.Code.CustomStatus, Failure: null);
    }
}
