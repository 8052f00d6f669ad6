using Microsoft.DurableTask;

namespace Ear.Local.Durable.History;

internal enum MessageKind
{
    /// <summary>An activity or sub-orchestration returned.</summary>
    Completed,

    /// <summary>An activity or sub-orchestration failed.</summary>
    Failed,

    /// <summary>A durable timer came due.</summary>
    TimerFired,

    /// <summary>Somebody raised an external event.</summary>
    EventRaised,

    Suspend,
    Resume,
    Terminate,
}

/// <summary>One thing told to an orchestration. The first four kinds become part of its history, the others steer it from outside.</summary>
internal sealed record Message(MessageKind Kind)
{
    /// <summary>Execution that it answers; an answer to an earlier one is dropped. Null: whichever runs.</summary>
    public long? Execution { get; init; }

    /// <summary>Step that it answers.</summary>
    public int TaskId { get; init; }

    /// <summary>Name of the event, or the reason given for a suspension or a resumption.</summary>
    public string? Name { get; init; }

    /// <summary>JSON: result, event payload, or output of a terminated instance.</summary>
    public string? Payload { get; init; }

    public TaskFailureDetails? Failure { get; init; }

    /// <summary>Whether a termination reaches the sub-orchestrations too.</summary>
    public bool Recursive { get; init; }

    /// <summary>Row that keeps it until the orchestration has taken it; 0 for one that is not kept (an activity's result: without it the activity runs again).</summary>
    public long RowId { get; set; }

    /// <summary>Whether it is for the orchestrator's code rather than for the engine.</summary>
    public bool IsForCode => Kind <= MessageKind.EventRaised;
}
