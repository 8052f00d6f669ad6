using Microsoft.DurableTask;

namespace Ear.Local.Durable.Orchestrations;

/// <summary>
/// Tries a step again as its options say. Runs inside the orchestrator: the waits are durable timers, so a restart goes on in the middle of them.
/// Without jitter, because a replay must decide the same.
/// </summary>
internal static class RetryLoop
{
    public static Task<T> RunAsync<T>(OrchestrationContext context, TaskRetryOptions? retry, Func<Task<T>> attempt) => retry switch
    {
        null => attempt(),
        { Policy: { } policy } => ByPolicyAsync(context, policy, attempt),
        _ => ByHandlerAsync(context, retry.Handler!, attempt),
    };

    private static async Task<T> ByPolicyAsync<T>(OrchestrationContext context, RetryPolicy policy, Func<Task<T>> attempt)
    {
        var started = context.CurrentUtcDateTime;
        for (var number = 1; ; number++)
        {
            TimeSpan wait;
            try
            {
                return await attempt();
            }
            catch (TaskFailedException failed) when (number < policy.MaxNumberOfAttempts)
            {
                wait = Wait(policy, number);
                if (!InTime(policy, started, context.CurrentUtcDateTime + wait) || !await IsWorthARetryAsync(policy, failed))
                    throw;
            }

            await context.CreateTimer(wait, CancellationToken.None);
        }
    }

    private static async Task<T> ByHandlerAsync<T>(OrchestrationContext context, AsyncRetryHandler handler, Func<Task<T>> attempt)
    {
        var started = context.CurrentUtcDateTime;
        for (var number = 1; ; number++)
        {
            try
            {
                return await attempt();
            }
            catch (TaskFailedException failed)
            {
                var seen = new RetryContext(context, number, failed.FailureDetails, context.CurrentUtcDateTime - started, CancellationToken.None);
                if (!await handler(seen))
                    throw;
            }
        }
    }

    /// <summary>first × coefficient^(failures so far − 1), never above the longest wait, computed so that it cannot overflow.</summary>
    internal static TimeSpan Wait(RetryPolicy policy, int failures)
    {
        var longest = policy.MaxRetryInterval == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : policy.MaxRetryInterval;
        var ticks = policy.FirstRetryInterval.Ticks * Math.Pow(policy.BackoffCoefficient, failures - 1);
        return ticks >= longest.Ticks ? longest : TimeSpan.FromTicks((long)ticks);
    }

    private static bool InTime(RetryPolicy policy, DateTime started, DateTime next) =>
        policy.RetryTimeout == Timeout.InfiniteTimeSpan || next - started <= policy.RetryTimeout;

    private static Task<bool> IsWorthARetryAsync(RetryPolicy policy, TaskFailedException failed) =>
        policy.HandleAsync is { } decide ? decide(failed) : Task.FromResult(policy.Handle(failed));
}
