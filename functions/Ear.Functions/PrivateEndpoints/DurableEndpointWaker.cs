using Ear.Functions.Durable;
using Ear.PrivateEndpoints;

namespace Ear.Functions.PrivateEndpoints;

/// <summary>Starts an endpoint's provisioning, or makes the running one look. What slips through is found by <see cref="WakeUnfinishedPrivateEndpoints"/>.</summary>
public sealed class DurableEndpointWaker(ITaskHub hub) : IPrivateEndpointWaker
{
    public Task WakeAsync(PrivateEndpointRef endpoint, CancellationToken cancellation)
        => hub.Client.WakeOrStartAsync(nameof(ProvisionPrivateEndpoint), endpoint, ProvisionPrivateEndpoint.InstanceOf(endpoint), ProvisionPrivateEndpoint.Look, cancellation);

    /// <summary>Leaves a running one alone: it looks again by itself, soon enough.</summary>
    public async Task StartAsync(PrivateEndpointRef endpoint, CancellationToken cancellation)
    {
        var instance = ProvisionPrivateEndpoint.InstanceOf(endpoint);
        var client = hub.Client;
        if (!await client.IsAliveAsync(instance, cancellation))
            await client.StartUnlessAliveAsync(nameof(ProvisionPrivateEndpoint), endpoint, instance, cancellation);
    }
}
