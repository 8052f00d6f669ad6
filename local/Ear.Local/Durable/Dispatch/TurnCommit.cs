using Ear.Local.Durable.History;
using Ear.Local.Durable.Storage;

namespace Ear.Local.Durable.Dispatch;

/// <summary>
/// Writes a turn: history, state, messages taken, messages out, sub-orchestrations, all or nothing. Die before it, and the turn never happened (its
/// activities' answers were never recorded: they run again); die after it, and the start finds everything that it promised.
/// </summary>
internal sealed class TurnCommit(LiveInstance live, TurnDraft draft, InstanceTable table, DurableFunctions functions) : WriteIntent
{
    private readonly byte[]? _turn = draft.Turn is null || draft.Carried is not null ? null : HistoryJson.Write(draft.Turn);
    private readonly long _key = draft.Instance.Row.Key;

    public LiveInstance Live => live;

    public TurnDraft Draft => draft;

    /// <summary>What others were told, with the rows that keep it.</summary>
    public List<(long Key, Message Message)> Delivered { get; } = [];

    /// <summary>Keys of new sub-orchestrations.</summary>
    public List<long> Created { get; } = [];

    /// <summary>Rows of <see cref="TurnDraft.Detach"/>, in its order.</summary>
    public List<long> DetachedRows { get; } = [];

    public override void Apply(DurableWriter writer)
    {
        Delivered.Clear();
        Created.Clear();
        DetachedRows.Clear();

        var row = draft.Instance.Row;
        if (draft.Carried is not null)
        {
            writer.NextExecution(_key, row.Execution, row.Input);
            writer.InsertMessagesInFront(_key, draft.Carried);
        }
        else if (_turn is not null)
        {
            writer.AppendTurn(_key, _turn);
        }

        writer.UpdateInstance(_key, draft.State, draft.Now);
        foreach (var position in draft.Consumed)
            writer.DeleteMessage(position);
        foreach (var message in draft.Keep)
            message.RowId = writer.InsertMessage(_key, message);
        foreach (var call in draft.Detach)
            DetachedRows.Add(writer.InsertDetached(call));
        if (draft.Turn is not null)
            SendOut(writer, draft.Turn);
        if (draft.IsEnd)
            End(writer, row);
    }

    public override void Committed() => table.OnCommitted(this);

    public override void Failed(Exception exception) => table.OnFailed(this, exception);

    private void SendOut(DurableWriter writer, HistoryTurn turn)
    {
        foreach (var action in turn.Decided)
        {
            if (action.Kind == ActionKind.SubOrchestration)
                StartSubOrchestration(writer, action);
            else if (action.Kind == ActionKind.SendEvent)
                Tell(writer, action.InstanceId!, new(MessageKind.EventRaised) { Name = action.Name, Payload = action.Input });
        }
    }

    private void StartSubOrchestration(DurableWriter writer, DurableAction action)
    {
        var row = draft.Instance.Row;
        string? refusal = null;
        if (functions.FindOrchestrator(action.Name) is null)
            refusal = $"There is no orchestrator function named '{action.Name}'.";
        else if (writer.Find(action.InstanceId!) is { } existing)
            refusal = InstanceRow.IsEnd(existing.Status) ? Replace(writer, existing.Key) : $"An instance '{action.InstanceId}' exists already and is {existing.Status}.";

        if (refusal is null)
        {
            var parent = new ParentStep(_key, draft.Execution, action.Id, row.Id, row.Name);
            Created.Add(writer.InsertInstance(action.InstanceId!, action.Name, action.Input, draft.Now, startAt: null, parent));
            return;
        }

        if (!draft.IsEnd && draft.Carried is null)
        {
            var failure = Orchestrations.Failure.Because("SubOrchestrationRefused", refusal);
            Keep(writer, _key, new(MessageKind.Failed) { Execution = draft.Execution, TaskId = action.Id, Failure = failure });
        }
    }

    private static string? Replace(DurableWriter writer, long key)
    {
        writer.DeleteInstance(key);
        return null;
    }

    private void End(DurableWriter writer, InstanceRow row)
    {
        writer.DeleteMessages(_key);
        foreach (var instanceId in draft.TerminateToo)
            Tell(writer, instanceId, draft.Terminated! with { RowId = 0 });
        if (row.Parent is { } parent && writer.IsExecuting(parent.Key, parent.Execution))
            Keep(writer, parent.Key, Answer(parent));
    }

    private Message Answer(ParentStep parent)
    {
        var answer = new Message(MessageKind.Completed) { Execution = parent.Execution, TaskId = parent.Step };
        return draft.State.Status switch
        {
            Microsoft.DurableTask.Client.OrchestrationRuntimeStatus.Completed => answer with { Payload = draft.State.Output },
            Microsoft.DurableTask.Client.OrchestrationRuntimeStatus.Failed => answer with { Kind = MessageKind.Failed, Failure = draft.State.Failure },
            _ => answer with { Kind = MessageKind.Failed, Failure = Orchestrations.Failure.Because("Terminated", "The sub-orchestration was terminated.") },
        };
    }

    private void Tell(DurableWriter writer, string instanceId, Message message)
    {
        if (writer.Find(instanceId) is { } receiver && !InstanceRow.IsEnd(receiver.Status))
            Keep(writer, receiver.Key, message);
    }

    private void Keep(DurableWriter writer, long key, Message message)
    {
        message.RowId = writer.InsertMessage(key, message);
        Delivered.Add((key, message));
    }
}
