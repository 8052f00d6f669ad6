using System.Globalization;
using Ear.Telemetry;
using Microsoft.DurableTask.Client;

namespace Ear.Functions.Validation;

/// <summary>
/// The newest sweep that ended well: of today's instances, or, in the first hours of a day, of yesterday's. A day has about a hundred.
/// The task hub can be asked from a function only (ADR-0009), so a timer asks and the gauge tells what it found; of several hosts, the
/// one on which the timer runs tells the truth, and it is the smallest number.
/// </summary>
public sealed class SweepLag(TimeProvider time) : IGaugeSource
{
    private const int MostOfADay = 500;

    private static readonly OrchestrationRuntimeStatus[] Ended = [OrchestrationRuntimeStatus.Completed];

    private readonly Lock _lock = new();
    private DateTimeOffset? _newest;

    public Task<GaugeReadings> ReadAsync(GaugeReadings before, CancellationToken cancellation)
    {
        lock (_lock)
            return Task.FromResult(before with { LastSweep = _newest ?? before.LastSweep });
    }

    public async Task LookAsync(DurableTaskClient client, CancellationToken cancellation)
    {
        var today = time.GetUtcNow();
        var newest = await NewestAsync(client, today, cancellation) ?? await NewestAsync(client, today.AddDays(-1), cancellation);
        lock (_lock)
            _newest = newest ?? _newest;
    }

    private static async Task<DateTimeOffset?> NewestAsync(DurableTaskClient client, DateTimeOffset day, CancellationToken cancellation)
    {
        var prefix = ValidateCustomerKeys.Prefix + day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        DateTimeOffset? newest = null;
        var read = 0;
        await foreach (var instance in client.GetAllInstancesAsync(new OrchestrationQuery(Statuses: Ended, InstanceIdPrefix: prefix, PageSize: MostOfADay)).WithCancellation(cancellation))
        {
            if (ValidateCustomerKeys.BeganAt(instance.InstanceId) is { } began && !(began <= newest))
                newest = began;
            if (++read == MostOfADay)
                break;
        }
        return newest;
    }
}
