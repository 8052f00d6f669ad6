using Ear.Functions.Durable;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Ear.Functions.Validation;

/// <summary>Every 15 minutes every configured key is checked (R36 b).</summary>
public sealed class ValidateCustomerKeys(TimeProvider time, ILogger<ValidateCustomerKeys> logger)
{
    /// <summary>One sweep a minute at most: a timer that fires twice, or on two hosts, starts it once; one that is run by hand starts it at once.</summary>
    [Function(nameof(ValidateCustomerKeys))]
    public async Task Run([TimerTrigger("0 */15 * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellation)
    {
        var instance = $"sweep-{time.GetUtcNow():yyyyMMdd'T'HHmm'Z'}";
        if (await client.StartUnlessAliveAsync(nameof(SweepCustomerKeys), input: null, instance, cancellation))
            Log.SweepStarted(logger, instance);
        else
            Log.SweepRuns(logger, instance);
    }
}
