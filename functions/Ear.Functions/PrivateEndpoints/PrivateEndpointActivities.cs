using Ear.PrivateEndpoints;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Ear.Functions.PrivateEndpoints;

/// <summary>What <see cref="ProvisionPrivateEndpoint"/> does. It may run again after its answer was lost: see <see cref="PrivateEndpointProvisioning"/>.</summary>
public sealed class PrivateEndpointActivities(PrivateEndpointProvisioning provisioning, DurableEndpointWaker waker, ILogger<PrivateEndpointActivities> logger)
{
    [Function(nameof(LookAtPrivateEndpoint))]
    public async Task<EndpointLook> LookAtPrivateEndpoint([ActivityTrigger] PrivateEndpointRef endpoint, [DurableClient] DurableTaskClient client, CancellationToken cancellation)
    {
        var look = await provisioning.LookAsync(endpoint, cancellation);
        Log.Looked(logger, endpoint.Id.Value, endpoint.ProjectId.Value, look.Why);
        if (look.Replacement is { } replacement)
            await waker.StartAsync(replacement, cancellation);
        return look;
    }
}
