using Ear.Clusters;
using Ear.Functions.Durable;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Ear.Functions.Clusters.Reconciliation;

/// <summary>
/// One per cluster, while there is something to do: look, make one move, look again. What it waits for may get lost; it looks again
/// in any case. Everything it knows is in the store, so it keeps nothing from one look to the next.
/// </summary>
public static class ReconcileCluster
{
    /// <summary>"Look again": raised by whoever changed a wish or a verdict.</summary>
    public const string Look = "Look";

    /// <summary>A node reported something new.</summary>
    public const string NodeReported = "NodeReported";

    /// <summary>How long the primary waits for its secondaries to be down before it is stopped too.</summary>
    private static readonly TimeSpan SecondariesFirst = TimeSpan.FromSeconds(15);

    /// <summary>The move was not the right one any more when it was to be made: the news of that is on its way.</summary>
    private static readonly TimeSpan WorldMovedOn = TimeSpan.FromSeconds(2);

    private static readonly TaskOptions Persistently = TaskOptions.FromRetryPolicy(new RetryPolicy(
        maxNumberOfAttempts: 8, firstRetryInterval: TimeSpan.FromSeconds(1), backoffCoefficient: 2, maxRetryInterval: TimeSpan.FromSeconds(30)));

    public static string InstanceOf(ClusterRef cluster) => $"cluster-{cluster.Id}";

    [Function(nameof(ReconcileCluster))]
    public static Task Run([OrchestrationTrigger] TaskOrchestrationContext context) => context.WatchedAsync(() => ReconcileAsync(context));

    private static async Task<bool> ReconcileAsync(TaskOrchestrationContext context)
    {
        var cluster = context.GetInput<ClusterRef>() ?? throw new InvalidOperationException("A cluster's reconciliation needs the cluster as its input.");
        var asked = context.WaitForExternalEvent<object?>(Look);

        var next = await context.CallActivityAsync<NextMove>(nameof(ReconciliationActivities.PlanNextMove), cluster, Persistently);
        context.SetCustomStatus(next);
        switch (next.Move)
        {
            case Move.Done when !asked.IsCompleted:
                return true;
            case Move.Done:
                break;
            case Move.Wait wait:
                await ReportAsync(context, asked, wait.AtMost);
                break;
            case Move.StopProcesses stop:
                await context.CallActivityAsync<bool>(nameof(ReconciliationActivities.StopAllButPrimary), new MoveOrder(cluster, stop), Persistently);
                await SecondariesAreDownAsync(context, cluster);
                await context.CallActivityAsync<bool>(nameof(ReconciliationActivities.CarryOutMove), new MoveOrder(cluster, stop), Persistently);
                break;
            default:
                var order = new MoveOrder(cluster, next.Move);
                if (!await context.CallActivityAsync<bool>(nameof(ReconciliationActivities.CarryOutMove), order, Persistently))
                    await ReportAsync(context, asked, WorldMovedOn);
                break;
        }

        // Whatever was raised up to here was written before it was raised, so the next look sees it.
        context.ContinueAsNew(cluster, preserveUnprocessedEvents: false);
        return false;
    }

    private static async Task ReportAsync(TaskOrchestrationContext context, Task asked, TimeSpan atMost)
    {
        using var over = new CancellationTokenSource();
        var timer = context.CreateTimer(atMost, over.Token);
        await Task.WhenAny(asked, context.WaitForExternalEvent<object?>(NodeReported, over.Token), timer);
        Cancel(over);
    }

    private static async Task SecondariesAreDownAsync(TaskOrchestrationContext context, ClusterRef cluster)
    {
        var deadline = context.CurrentUtcDateTime + SecondariesFirst;
        while (context.CurrentUtcDateTime < deadline && !await context.CallActivityAsync<bool>(nameof(ReconciliationActivities.AreSecondariesDown), cluster, Persistently))
            await ReportAsync(context, context.WaitForExternalEvent<object?>(Look), TimeSpan.FromSeconds(5));
    }

    // Its continuations must run inside this turn: no CancelAsync.
    private static void Cancel(CancellationTokenSource source) => source.Cancel();
}
