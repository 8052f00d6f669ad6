using Ear.Local.Durable.History;
using Ear.Local.Durable.Storage;
using Microsoft.DurableTask.Client;

namespace Ear.Local.Durable.Dispatch;

/// <summary>Everything that one turn decided; becomes true for anybody else in one commit.</summary>
internal sealed class TurnDraft(LoadedInstance instance, long now)
{
    public LoadedInstance Instance => instance;

    /// <summary>UTC ticks of the turn.</summary>
    public long Now => now;

    public InstanceState State { get; set; } = null!;

    /// <summary>Null when the code did not run.</summary>
    public HistoryTurn? Turn { get; set; }

    public Message? Terminated { get; set; }

    /// <summary>Rows of messages that are part of the history now.</summary>
    public List<long> Consumed { get; } = [];

    /// <summary>Steps whose answers are on disk after this commit.</summary>
    public List<int> Settled { get; } = [];

    /// <summary>Execution that <see cref="Settled"/> speaks of.</summary>
    public long Execution { get; } = instance.Row.Execution;

    /// <summary>Answers that came while the instance may not run: kept until it may.</summary>
    public List<Message> Keep { get; } = [];

    /// <summary>Activities to run.</summary>
    public List<ActivityCall> Start { get; } = [];

    /// <summary>Activities that nobody waits for, but that were promised.</summary>
    public List<ActivityCall> Detach { get; } = [];

    /// <summary>Sub-orchestrations that end with this one.</summary>
    public List<string> TerminateToo { get; } = [];

    /// <summary>Events for the next execution; null when the instance does not continue as new.</summary>
    public IReadOnlyList<Message>? Carried { get; private set; }

    /// <summary>Whether the instance was waiting for its start and is not any more.</summary>
    public bool LeftPending { get; private set; }

    public bool HasChanges => Consumed.Count > 0 || Keep.Count > 0;

    public bool IsEnd => InstanceRow.IsEnd(State.Status);

    public void Consume(Message message)
    {
        if (message.RowId != 0)
            Consumed.Add(message.RowId);
        else if (message.Kind is MessageKind.Completed or MessageKind.Failed)
            Settled.Add(message.TaskId);
    }

    /// <summary>The row as it will be; in memory only until the commit, like the code's own state.</summary>
    public void Take(OrchestrationRuntimeStatus before)
    {
        LeftPending = before == OrchestrationRuntimeStatus.Pending && State.Status != OrchestrationRuntimeStatus.Pending;
        instance.Row = instance.Row with
        {
            Status = State.Status,
            Updated = now,
            WakeAt = State.WakeAt,
            Output = State.Output,
            CustomStatus = State.CustomStatus,
            Failure = State.Failure,
        };
    }

    public void ContinueWith(string? input, IReadOnlyList<Message> carried)
    {
        Carried = carried;
        var customStatus = instance.Code.CustomStatus;
        instance.Row = instance.Row with { CustomStatus = customStatus };
        instance.ContinueAsNew(input);
        State = new(OrchestrationRuntimeStatus.Running, null, Busy: true, Output: null, customStatus, Failure: null);
    }
}
