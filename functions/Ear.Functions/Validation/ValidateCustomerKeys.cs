using System.Globalization;
using Ear.Functions.Durable;
using Ear.Telemetry;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Ear.Functions.Validation;

/// <summary>Every 15 minutes every configured key is checked (R36 b).</summary>
public sealed class ValidateCustomerKeys(TimeProvider time, EarMeters meters, ILogger<ValidateCustomerKeys> logger)
{
    /// <summary>Instances of a day have it and the day in front.</summary>
    public const string Prefix = "sweep-";

    private const string Moment = "yyyyMMdd'T'HHmmss'Z'";

    /// <summary>
    /// A timer that fires twice at its moment starts one sweep. Whoever runs it by hand gets one of their own: a sweep that still
    /// waits for its second look has checked long ago, and would not see a key that was taken away since. Two at once do no harm.
    /// </summary>
    [Function(nameof(ValidateCustomerKeys))]
    public async Task Run([TimerTrigger("0 */15 * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellation)
    {
        var instance = Prefix + time.GetUtcNow().ToString(Moment, CultureInfo.InvariantCulture);
        using var span = EarTraces.Start("sweep");
        if (await client.StartUnlessAliveAsync(meters, nameof(SweepCustomerKeys), new SweepStart(EarTraces.Here), instance, cancellation))
            Log.SweepStarted(logger, instance);
        else
            Log.SweepRuns(logger, instance);
    }

    /// <summary>When the sweep of this instance began; null for any other name.</summary>
    public static DateTimeOffset? BeganAt(string instance)
        => instance.StartsWith(Prefix, StringComparison.Ordinal)
            && DateTimeOffset.TryParseExact(instance.AsSpan(Prefix.Length), Moment, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var began) ? began : null;
}
