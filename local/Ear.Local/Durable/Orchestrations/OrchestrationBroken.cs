using System.Diagnostics.CodeAnalysis;

namespace Ear.Local.Durable.Orchestrations;

/// <summary>The code of an orchestrator broke a rule of replay. Fails the instance for good, even when the code catches it.</summary>
[SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "Made only here, with a text that says what to do.")]
internal abstract class OrchestrationBroken(string message) : Exception(message);

/// <summary>A replay decided something else than its history.</summary>
internal sealed class NonDeterministicOrchestrationException(string name, string instanceId, int step, string recorded, string found) : OrchestrationBroken(
    $"Step {step} of orchestration '{name}' (instance '{instanceId}') does not match its history: recorded was {recorded}, the code now asks for {found}. "
    + "The code changed while this instance ran, or it depends on the clock, randomness or I/O: take those from the context or an activity, and start the instance anew.");

/// <summary>The code waits for something that would be lost with the process.</summary>
internal sealed class NotDurableException(string name, string instanceId) : OrchestrationBroken(
    $"Orchestration '{name}' (instance '{instanceId}') awaits a task that is not durable, or uses its context outside its own turn. "
    + "Await only what the context returns (activities, sub-orchestrations, timers, events) and move everything else into an activity.");
