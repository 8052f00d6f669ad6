using System.Globalization;
using Ear.Telemetry;
using Microsoft.DurableTask.Client;

namespace Ear.Functions.Validation;

/// <summary>The newest sweep that ended well: of today's instances, or, in the first hours of a day, of yesterday's. A day has about a hundred.</summary>
internal sealed class SweepLag(DurableTaskClient client, TimeProvider time) : IGaugeSource
{
    private const int MostOfADay = 500;

    private static readonly OrchestrationRuntimeStatus[] Ended = [OrchestrationRuntimeStatus.Completed];

    public async Task<GaugeReadings> ReadAsync(GaugeReadings before, CancellationToken cancellation)
    {
        var today = time.GetUtcNow();
        var newest = await NewestAsync(today, cancellation) ?? await NewestAsync(today.AddDays(-1), cancellation);
        return before with { LastSweep = newest ?? before.LastSweep };
    }

    private async Task<DateTimeOffset?> NewestAsync(DateTimeOffset day, CancellationToken cancellation)
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
