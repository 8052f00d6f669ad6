using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Ear.Functions.Durable;

/// <summary>Instances of which one runs at a time.</summary>
internal static class OneInstance
{
    private static readonly OrchestrationRuntimeStatus[] Alive =
        [OrchestrationRuntimeStatus.Pending, OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.ContinuedAsNew, OrchestrationRuntimeStatus.Suspended];

    public static async Task<bool> IsAliveAsync(this DurableTaskClient client, string instance, CancellationToken cancellation)
        => await client.GetInstanceAsync(instance, cancellation) is { } found && Alive.Contains(found.RuntimeStatus);

    /// <returns>False when one runs already.</returns>
    public static async Task<bool> StartUnlessAliveAsync(this DurableTaskClient client, TaskName orchestrator, object? input, string instance, CancellationToken cancellation)
    {
        try
        {
            await client.ScheduleNewOrchestrationInstanceAsync(orchestrator, input, new StartOrchestrationOptions(instance).WithDedupeStatuses(Alive), cancellation);
            return true;
        }
        // How a refusal by dedupe status arrives is the client's own affair (an exception of the engine, or of gRPC): what counts is whether one runs now.
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (await client.IsAliveAsync(instance, cancellation))
                return false;
            throw;
        }
    }
}
