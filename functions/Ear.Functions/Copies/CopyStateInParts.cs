using System.Collections.Immutable;
using Ear.Copies;
using Ear.Functions.Durable;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Ear.Functions.Copies;

/// <param name="Copy">Its name, yyyy-MM-ddTHHmmssZ.</param>
public sealed record CopyStart(string Copy);

/// <summary>One copy of the state: its lanes side by side, each part by part; then the data keys; then the manifest. If we die anywhere, there is no manifest yet, and we go on.</summary>
public static class CopyStateInParts
{
    /// <summary>Each step in hand holds a part in memory somewhere, and reads as fast as the account gives.</summary>
    private const int SideBySide = 16;

    // An hour of a storage account that is away is no reason to have no copy of today.
    private static readonly TaskOptions Persistently = TaskOptions.FromRetryPolicy(new RetryPolicy(
        maxNumberOfAttempts: 20, firstRetryInterval: TimeSpan.FromSeconds(5), backoffCoefficient: 2, maxRetryInterval: TimeSpan.FromMinutes(5)));

    [Function(nameof(CopyStateInParts))]
    public static Task<long> Run([OrchestrationTrigger] TaskOrchestrationContext context) => context.WatchedAsync(() => CopyAsync(context, context.GetInput<CopyStart>()!.Copy), _ => true);

    /// <returns>How many rows were copied.</returns>
    private static async Task<long> CopyAsync(TaskOrchestrationContext context, string copy)
    {
        var began = context.CurrentUtcDateTime;
        var plan = await context.CallActivityAsync<CopyPlan>(nameof(CopyActivities.PlanCopy), copy, Persistently);
        var walks = await Task.WhenAll(Enumerable.Range(0, Math.Min(SideBySide, plan.Lanes.Length)).Select(walk => WalkAsync(context, copy, [.. plan.Lanes.Where((_, i) => i % SideBySide == walk)])));
        var keys = await WalkAsync(context, copy, [plan.Last]);
        ImmutableArray<CopiedPart> parts = [.. walks.SelectMany(w => w), .. keys];
        await context.CallActivityAsync(nameof(CopyActivities.FinishCopy), new WholeCopy(copy, new(began), new(context.CurrentUtcDateTime), parts), Persistently);
        return parts.Sum(p => p.Rows);
    }

    private static async Task<ImmutableArray<CopiedPart>> WalkAsync(TaskOrchestrationContext context, string copy, ImmutableArray<CopyLane> lanes)
    {
        var parts = ImmutableArray.CreateBuilder<CopiedPart>();
        foreach (var lane in lanes)
        {
            var step = new CopyStep(copy, lane, 0, null);
            do
            {
                var part = await context.CallActivityAsync<CopiedPart>(nameof(CopyActivities.CopyPart), step, Persistently);
                parts.Add(part);
                step = step with { Number = step.Number + 1, After = part.Next };
            }
            while (step.After is not null);
        }
        return parts.DrainToImmutable();
    }
}
