using System.Collections.Immutable;
using Ear.CustomerKeys.Validation;
using Ear.Functions.Durable;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Ear.Functions.Validation;

/// <summary>
/// One sweep: check every key in shards; shut down for those that are certainly invalid; look at the doubtful ones again a minute
/// later. Nothing is shut down for a provider of which too many keys turned invalid at once.
/// </summary>
public static class SweepCustomerKeys
{
    private static readonly TimeSpan Confirmation = KeyStandings.Confirmation + TimeSpan.FromSeconds(1);

    /// <summary>Longer than a reconciliation takes to end once it has decided to.</summary>
    private static readonly TimeSpan ToldAgain = TimeSpan.FromSeconds(3);

    private static readonly TaskOptions Persistently = TaskOptions.FromRetryPolicy(new RetryPolicy(
        maxNumberOfAttempts: 5, firstRetryInterval: TimeSpan.FromSeconds(1), backoffCoefficient: 2, maxRetryInterval: TimeSpan.FromSeconds(30)));

    [Function(nameof(SweepCustomerKeys))]
    public static Task<SweepFindings> Run([OrchestrationTrigger] TaskOrchestrationContext context) => context.WatchedAsync(() => SweepAsync(context), _ => true);

    private static async Task<SweepFindings> SweepAsync(TaskOrchestrationContext context)
    {
        var began = context.CurrentUtcDateTime;
        var found = await FindAsync(context);
        // Last, so that a sweep that was under way when this was new to it has nothing to replay differently.
        await context.CallActivityAsync(nameof(ValidationActivities.NoteSweep), new SweepEnd(new(began), new(context.CurrentUtcDateTime)), Persistently);
        return found;
    }

    private static async Task<SweepFindings> FindAsync(TaskOrchestrationContext context)
    {
        var found = await CheckAllAsync(context);
        await ShutDownAsync(context, found, found.Due);
        if (found.Suspects.IsEmpty)
            return found;

        await context.CreateTimer(Confirmation, CancellationToken.None);
        var confirmed = await context.CallActivityAsync<SweepFindings>(nameof(ValidationActivities.ConfirmSuspects), found.Suspects, Persistently);
        found = found with { Due = [.. found.Due, .. confirmed.Due], Suspects = confirmed.Suspects };
        await ShutDownAsync(context, found, confirmed.Due);
        return found;
    }

    private static async Task<SweepFindings> CheckAllAsync(TaskOrchestrationContext context)
    {
        var shards = new List<Task<SweepFindings>>();
        var trace = context.GetInput<SweepStart>()?.Trace;
        var start = new ShardStart(null);
        do
        {
            var next = await context.CallActivityAsync<ShardStart>(nameof(ValidationActivities.NextShard), start, Persistently);
            shards.Add(context.CallActivityAsync<SweepFindings>(nameof(ValidationActivities.CheckShard), new Shard(start.Continuation, next.Continuation) { Trace = trace }, Persistently));
            start = next;
        }
        while (start.Continuation is not null);
        return (await Task.WhenAll(shards)).Aggregate(SweepFindings.None, (sum, shard) => sum.Add(shard));
    }

    // The whole sweep is counted, whoever is due now.
    private static async Task ShutDownAsync(TaskOrchestrationContext context, SweepFindings found, ImmutableArray<KeyRef> due)
    {
        var (allowed, suspended) = FleetBreaker.Judge(found);
        foreach (var provider in suspended.Where(p => due.Any(d => d.Provider == p)))
            await context.CallActivityAsync(nameof(ValidationActivities.CallOperator), new Suspension(provider, found.Due.Count(d => d.Provider == provider)), Persistently);
        var ordered = allowed.Intersect(due).ToList();
        await Task.WhenAll(ordered.Select(key => context.CallActivityAsync(nameof(ValidationActivities.OrderShutDown), key, Persistently)));
        if (ordered.Count == 0)
            return;
        // A reconciliation that was just ending when it was woken has not heard, and an idle cluster would run on until the next sweep (I2).
        await context.CreateTimer(ToldAgain, CancellationToken.None);
        await Task.WhenAll(ordered.Select(key => context.CallActivityAsync(nameof(ValidationActivities.SeeToShutDown), key, Persistently)));
    }
}
