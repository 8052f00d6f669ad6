using System.Globalization;
using Ear.Telemetry;
using Microsoft.DurableTask.Client;

namespace Ear.Functions.Validation;

/// <summary>
/// The newest sweep that ended well, as the task hub remembers it, which is the same for all processes. The hub can be asked from a function only (ADR-0009),
/// so a timer asks, on one process at a time; the others tell nothing. A day has about a hundred sweeps, so days are asked one by one, mostly today's alone.
/// </summary>
public sealed class SweepLag(TimeProvider time) : IGaugeSource
{
    private const int MostOfADay = 500;

    /// <summary>As long as the hub remembers what has ended (<see cref="Durable.ForgetFinishedInstances"/>).</summary>
    private const int MostDays = 14;

    private readonly Lock _lock = new();
    private SweepsSeen? _seen;

    public Task<GaugeReadings> ReadAsync(GaugeReadings before, CancellationToken cancellation)
    {
        lock (_lock)
            return Task.FromResult(before with { Sweeps = _seen });
    }

    public async Task LookAsync(DurableTaskClient client, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var since = await SinceAsync(client, now, cancellation);
        lock (_lock)
            _seen = since is { } began ? new(began, now) : null;
    }

    // Null where no sweep has begun as far back as is remembered: then nothing is told, and that nothing is heard is an alert of its own.
    private static async Task<DateTimeOffset?> SinceAsync(DurableTaskClient client, DateTimeOffset now, CancellationToken cancellation)
    {
        DateTimeOffset? oldest = null;
        for (var back = 0; back <= MostDays; back++)
        {
            var (finished, begun) = await OfADayAsync(client, now.AddDays(-back), cancellation);
            if (finished is not null)
                return finished;
            oldest = begun ?? oldest;
        }
        return oldest;
    }

    /// <returns>When the newest that finished began, and when the oldest of any kind did.</returns>
    private static async Task<(DateTimeOffset? Finished, DateTimeOffset? Begun)> OfADayAsync(DurableTaskClient client, DateTimeOffset day, CancellationToken cancellation)
    {
        var prefix = ValidateCustomerKeys.Prefix + day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        (DateTimeOffset? finished, DateTimeOffset? begun) = (null, null);
        var read = 0;
        await foreach (var instance in client.GetAllInstancesAsync(new OrchestrationQuery(InstanceIdPrefix: prefix, PageSize: MostOfADay)).WithCancellation(cancellation))
        {
            if (ValidateCustomerKeys.BeganAt(instance.InstanceId) is { } began)
            {
                if (instance.RuntimeStatus == OrchestrationRuntimeStatus.Completed && !(began <= finished))
                    finished = began;
                if (!(began >= begun))
                    begun = began;
            }
            if (++read == MostOfADay)
                break;
        }
        return (finished, begun);
    }
}
