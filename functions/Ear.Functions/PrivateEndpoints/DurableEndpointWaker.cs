using Ear.Functions.Durable;
using Ear.PrivateEndpoints;
using Ear.Telemetry;

namespace Ear.Functions.PrivateEndpoints;

/// <summary>Starts an endpoint's provisioning, or makes the running one look. What slips through is found by <see cref="WakeUnfinishedPrivateEndpoints"/>.</summary>
public sealed class DurableEndpointWaker(ITaskHub hub, EarMeters meters) : IPrivateEndpointWaker
{
    public Task WakeAsync(PrivateEndpointRef endpoint, CancellationToken cancellation)
        => hub.Client.WakeOrStartAsync(meters, nameof(ProvisionPrivateEndpoint), EndpointWatch.Of(endpoint), ProvisionPrivateEndpoint.InstanceOf(endpoint), ProvisionPrivateEndpoint.Look, cancellation);

    /// <summary>Leaves a running one alone: it looks again by itself, soon enough.</summary>
    public async Task StartAsync(PrivateEndpointRef endpoint, CancellationToken cancellation)
    {
        var instance = ProvisionPrivateEndpoint.InstanceOf(endpoint);
        var client = hub.Client;
        if (!await client.IsAliveAsync(instance, cancellation))
            await client.StartUnlessAliveAsync(meters, nameof(ProvisionPrivateEndpoint), EndpointWatch.Of(endpoint), instance, cancellation);
    }
}
