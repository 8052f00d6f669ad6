using System.Collections.Immutable;
using Ear.CustomerKeys;
using Ear.CustomerKeys.Validation;
using Ear.Telemetry;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Ear.Functions.Validation;

/// <param name="Continuation">Where the shard begins; null for the first one, and after the last one.</param>
public sealed record ShardStart(string? Continuation);

/// <param name="End">The last project of it; null for the last shard. Without it, a project made meanwhile would push the last one out of this shard and into none.</param>
public sealed record Shard(string? Start, string? End)
{
    public string? Trace { get; init; }
}

/// <param name="Trace">The <c>traceparent</c> of whoever started the sweep.</param>
public sealed record SweepStart(string? Trace);

public sealed record SweepEnd(DateTimeOffset Began, DateTimeOffset Ended);

public sealed record Suspension(KeyProvider Provider, int NewlyInvalid);

/// <summary>What a sweep does. Each may run again after its answer was lost: a key that is checked again stands the same.</summary>
public sealed class ValidationActivities(KeySweep sweep, KeyShutDown shutDown, EarMeters meters, ILogger<ValidationActivities> logger)
{
    [Function(nameof(CheckShard))]
    public async Task<SweepFindings> CheckShard([ActivityTrigger] Shard shard, [DurableClient] DurableTaskClient client, CancellationToken cancellation)
    {
        using var span = EarTraces.GoOn(shard.Trace, "sweep shard");
        var found = await sweep.CheckShardAsync(shard.Start, shard.End, cancellation);
        span?.SetTag("configurations", found.Configurations.Values.Sum());
        span?.SetTag("due", found.Due.Length);
        span?.SetTag("suspects", found.Suspects.Length);
        return found;
    }

    [Function(nameof(NextShard))]
    public async Task<ShardStart> NextShard([ActivityTrigger] ShardStart start, [DurableClient] DurableTaskClient client, CancellationToken cancellation)
        => new(await sweep.NextShardAsync(start.Continuation, cancellation));

    [Function(nameof(ConfirmSuspects))]
    public Task<SweepFindings> ConfirmSuspects([ActivityTrigger] ImmutableArray<KeyRef> suspects, [DurableClient] DurableTaskClient client, CancellationToken cancellation)
        => sweep.ConfirmAsync(suspects, cancellation);

    [Function(nameof(OrderShutDown))]
    public async Task OrderShutDown([ActivityTrigger] KeyRef key, [DurableClient] DurableTaskClient client, CancellationToken cancellation)
    {
        if (!await shutDown.OrderAsync(key, cancellation))
            return;
        meters.ShutDownOrdered(key.Provider);
        Log.ShutDownOrdered(logger, key.Provider, key.Project.Value);
    }

    /// <summary>The same order: what was carried out stays so, and who has not heard of it hears.</summary>
    [Function(nameof(SeeToShutDown))]
    public Task SeeToShutDown([ActivityTrigger] KeyRef key, [DurableClient] DurableTaskClient client, CancellationToken cancellation) => shutDown.OrderAsync(key, cancellation);

    /// <summary>How long it took, by the orchestration's own clock. Noted again after a lost answer, it counts twice.</summary>
    [Function(nameof(NoteSweep))]
    public Task NoteSweep([ActivityTrigger] SweepEnd sweep, [DurableClient] DurableTaskClient client)
    {
        meters.Swept(sweep.Ended - sweep.Began);
        return Task.CompletedTask;
    }

    /// <summary>The keys stay suspected; the next sweep counts again.</summary>
    [Function(nameof(CallOperator))]
    public Task CallOperator([ActivityTrigger] Suspension suspension, [DurableClient] DurableTaskClient client)
    {
        meters.ShutDownsSuspended(suspension.Provider);
        Log.ShutDownsSuspended(logger, suspension.Provider, suspension.NewlyInvalid);
        return Task.CompletedTask;
    }
}
