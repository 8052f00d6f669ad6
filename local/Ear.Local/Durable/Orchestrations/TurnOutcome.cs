using Ear.Local.Durable.History;
using Microsoft.DurableTask;

namespace Ear.Local.Durable.Orchestrations;

internal enum TurnEnd
{
    /// <summary>Waits for a step or an event.</summary>
    Waiting,
    Completed,
    Failed,
    ContinuedAsNew,
}

/// <summary>What one turn came to.</summary>
/// <param name="Result">JSON: the output of a completed execution, or the input of the next one.</param>
/// <param name="Carried">Events that the next execution starts with, in the order of their arrival.</param>
internal sealed record TurnOutcome(
    TurnEnd End, HistoryTurn Turn, string? Result, TaskFailureDetails? Failure, IReadOnlyList<Message> Carried);
