using System.Diagnostics.CodeAnalysis;
using Microsoft.DurableTask.Client;

namespace Ear.Local.Durable.Client;

/// <summary>An instance of that id runs, or is in a status in which the caller wanted no new one.</summary>
[SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "Made only here.")]
internal sealed class OrchestrationAlreadyExistsException(string instanceId, OrchestrationRuntimeStatus status) : InvalidOperationException(
    $"An orchestration instance '{instanceId}' exists already and is {status}: use another instance id, or wait for its end.")
{
    public OrchestrationRuntimeStatus Status => status;
}
