using Ear.Telemetry;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Ear.Functions.Durable;

/// <summary>Instances of which one runs at a time.</summary>
internal static class OneInstance
{
    private static readonly OrchestrationRuntimeStatus[] Alive =
        [OrchestrationRuntimeStatus.Pending, OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Suspended];

    public static async Task<bool> IsAliveAsync(this DurableTaskClient client, string instance, CancellationToken cancellation)
        => await client.GetInstanceAsync(instance, cancellation) is { } found && Alive.Contains(found.RuntimeStatus);

    /// <summary>Starts the instance, or raises the event in the running one. It may end between any two calls here: whoever calls this has a sweep for what slips through.</summary>
    public static async Task WakeOrStartAsync(this DurableTaskClient client, EarMeters meters, TaskName orchestrator, object? input, string instance, string look, CancellationToken cancellation)
    {
        for (var tries = 0; tries < 3; tries++)
        {
            if (await client.IsAliveAsync(instance, cancellation))
            {
                await client.RaiseEventAsync(instance, look, cancellation);
                // It may have ended while it was told; then nobody has heard.
                if (await client.IsAliveAsync(instance, cancellation))
                    return;
            }
            if (await client.StartUnlessAliveAsync(meters, orchestrator, input, instance, cancellation))
                return;
        }
    }

    /// <returns>False when one runs already.</returns>
    public static async Task<bool> StartUnlessAliveAsync(this DurableTaskClient client, EarMeters meters, TaskName orchestrator, object? input, string instance, CancellationToken cancellation)
    {
        try
        {
            await client.ScheduleNewOrchestrationInstanceAsync(orchestrator, input, new StartOrchestrationOptions(instance).WithDedupeStatuses(Alive), cancellation);
            meters.Orchestrated(orchestrator.Name, OrchestrationState.Started);
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
