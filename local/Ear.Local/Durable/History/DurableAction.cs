namespace Ear.Local.Durable.History;

internal enum ActionKind
{
    Activity,
    Timer,
    SubOrchestration,
    SendEvent,
}

/// <summary>One step that an orchestrator's code decided; its id counts the steps of the execution from 1.</summary>
internal sealed record DurableAction(ActionKind Kind, int Id)
{
    /// <summary>Function to call, or event to send.</summary>
    public string Name { get; init; } = "";

    /// <summary>The sub-orchestration's id, or the receiver of the event.</summary>
    public string? InstanceId { get; init; }

    /// <summary>JSON.</summary>
    public string? Input { get; init; }

    /// <summary>UTC ticks.</summary>
    public long FireAt { get; init; }

    /// <summary>Whether a replay may stand on this recorded step when the code decides <paramref name="other"/>.</summary>
    public bool IsSameStepAs(DurableAction other) =>
        Kind == other.Kind && string.Equals(Name, other.Name, StringComparison.OrdinalIgnoreCase);

    public override string ToString() => Kind switch
    {
        ActionKind.Activity => $"activity '{Name}'",
        ActionKind.Timer => "a timer",
        ActionKind.SubOrchestration => $"sub-orchestration '{Name}'",
        _ => $"event '{Name}' to another instance",
    };
}
