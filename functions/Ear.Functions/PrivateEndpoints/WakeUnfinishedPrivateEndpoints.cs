using Ear.PrivateEndpoints;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Options;

namespace Ear.Functions.PrivateEndpoints;

/// <summary>Each minute: a lost wake-up delays an endpoint, and never strands it.</summary>
public sealed class WakeUnfinishedPrivateEndpoints(IUnfinishedPrivateEndpoints unfinished, DurableEndpointWaker waker, IOptions<PrivateEndpointOptions> options)
{
    [Function(nameof(WakeUnfinishedPrivateEndpoints))]
    public async Task Run([TimerTrigger("30 * * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellation)
    {
        foreach (var endpoint in await unfinished.ListAsync(options.Value.WokenPerMinute, cancellation))
            await waker.StartAsync(endpoint, cancellation);
    }
}
