using Ear.PrivateEndpoints;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Ear.Functions.PrivateEndpoints;

/// <summary>What <see cref="ProvisionPrivateEndpoint"/> does. It may run again after its answer was lost: see <see cref="PrivateEndpointProvisioning"/>.</summary>
public sealed class PrivateEndpointActivities(PrivateEndpointProvisioning provisioning, DurableEndpointWaker waker, IIds ids, ILogger<PrivateEndpointActivities> logger)
{
    [Function(nameof(LookAtPrivateEndpoint))]
    public async Task<EndpointLook> LookAtPrivateEndpoint([ActivityTrigger] EndpointWatch watch, [DurableClient] DurableTaskClient client, CancellationToken cancellation)
    {
        // The orchestration has no randomness of its own: how long it waits is in its history.
        var look = (await provisioning.LookAsync(watch.Endpoint, cancellation)).After(watch.Fruitless, ids.NextDouble());
        Log.Looked(logger, watch.Id.Value, watch.ProjectId.Value, look.Why);
        if (look.Replacement is { } replacement)
            await waker.StartAsync(replacement, cancellation);
        return look;
    }
}
