using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Ear.Functions.Durable;

/// <summary>Each night: a sweep leaves an instance every quarter of an hour, and nobody looks at one that is two weeks old (I12).</summary>
public sealed class ForgetFinishedInstances(TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(14);

    private static readonly OrchestrationRuntimeStatus[] Finished =
        [OrchestrationRuntimeStatus.Completed, OrchestrationRuntimeStatus.Failed, OrchestrationRuntimeStatus.Terminated];

    [Function(nameof(ForgetFinishedInstances))]
    public Task Run([TimerTrigger("0 30 3 * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellation)
        => client.PurgeAllInstancesAsync(new PurgeInstancesFilter(CreatedTo: time.GetUtcNow() - Kept, Statuses: Finished), cancellation);
}
