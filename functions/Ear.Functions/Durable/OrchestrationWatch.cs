using Ear.Telemetry;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.DurableTask;

namespace Ear.Functions.Durable;

/// <summary>
/// Counts how orchestrations end. Their code is static and may only be told things by its context, so this hands it the meters beside the call. Counted once:
/// a replay says nothing. If we die between the count and the engine's own write, the same end is counted again.
/// </summary>
internal sealed class OrchestrationWatch(EarMeters meters) : IFunctionsWorkerMiddleware
{
    private const string Trigger = "orchestrationTrigger";

    private static readonly AsyncLocal<EarMeters?> Beside = new();

    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        if (context.FunctionDefinition.InputBindings.Values.Any(b => b.Type == Trigger))
            Beside.Value = meters;
        await next(context);
    }

    public static void Count(TaskOrchestrationContext context, OrchestrationState state)
    {
        if (!context.IsReplaying)
            Beside.Value?.Orchestrated(context.Name.Name, state);
    }
}

internal static class WatchedOrchestrations
{
    /// <param name="run">False: it went on as new, and has not ended.</param>
    public static Task WatchedAsync(this TaskOrchestrationContext context, Func<Task<bool>> run) => context.WatchedAsync(run, ended => ended);

    public static async Task<T> WatchedAsync<T>(this TaskOrchestrationContext context, Func<Task<T>> run, Func<T, bool> hasEnded)
    {
        try
        {
            var result = await run();
            if (hasEnded(result))
                OrchestrationWatch.Count(context, OrchestrationState.Completed);
            return result;
        }
        catch (Exception)
        {
            OrchestrationWatch.Count(context, OrchestrationState.Failed);
            throw;
        }
    }
}
