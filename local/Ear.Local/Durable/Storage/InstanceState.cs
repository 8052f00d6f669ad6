using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Ear.Local.Durable.Storage;

/// <summary>What a turn leaves an instance in.</summary>
/// <param name="WakeAt">When its first open timer is due, UTC ticks.</param>
/// <param name="Busy">Whether activities are open: those run again after a crash.</param>
internal sealed record InstanceState(
    OrchestrationRuntimeStatus Status, long? WakeAt, bool Busy, string? Output, string? CustomStatus, TaskFailureDetails? Failure);
