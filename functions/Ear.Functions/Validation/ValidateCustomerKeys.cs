using Ear.Functions.Durable;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Ear.Functions.Validation;

/// <summary>Every 15 minutes every configured key is checked (R36 b).</summary>
public sealed class ValidateCustomerKeys(TimeProvider time, ILogger<ValidateCustomerKeys> logger)
{
    /// <summary>
    /// A timer that fires twice at its moment starts one sweep. Whoever runs it by hand gets one of their own: a sweep that still
    /// waits for its second look has checked long ago, and would not see a key that was taken away since. Two at once do no harm.
    /// </summary>
    [Function(nameof(ValidateCustomerKeys))]
    public async Task Run([TimerTrigger("0 */15 * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellation)
    {
        var instance = $"sweep-{time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}";
        if (await client.StartUnlessAliveAsync(nameof(SweepCustomerKeys), input: null, instance, cancellation))
            Log.SweepStarted(logger, instance);
        else
            Log.SweepRuns(logger, instance);
    }
}
