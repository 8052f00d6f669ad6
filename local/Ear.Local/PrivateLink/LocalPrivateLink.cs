using Ear.CustomerKeys;
using Ear.PrivateEndpoints;

namespace Ear.Local.PrivateLink;

/// <summary>Ear's side of the simulation, for one cloud.</summary>
internal sealed class LocalPrivateLink(PrivateLinkSimulation simulation, KeyProvider provider) : IPrivateLink
{
    public KeyProvider Provider => provider;

    public IReadOnlyList<string>? Regions => null;

    public Task<PrivateLinkSight> EnsureAsync(PrivateLinkOrder order, CancellationToken cancellation) => Task.FromResult(simulation.Ensure(order));

    public Task<PrivateLinkSight> LookAsync(PrivateLinkOrder order, CancellationToken cancellation) => Task.FromResult(simulation.Look(order.Id));

    public Task<PrivateLinkSight> DeleteAsync(PrivateLinkOrder order, CancellationToken cancellation) => Task.FromResult(simulation.Delete(order.Id));
}
