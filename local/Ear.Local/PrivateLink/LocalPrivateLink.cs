using Ear.CustomerKeys;
using Ear.PrivateEndpoints;

namespace Ear.Local.PrivateLink;

/// <summary>Ear's side of the simulation, for one cloud.</summary>
/// <param name="address">Where a link that is up leads: see <see cref="PrivateEndpoint.Address"/>. Null where the service's own name does.</param>
internal sealed class LocalPrivateLink(PrivateLinkSimulation simulation, KeyProvider provider, string? address = null) : IPrivateLink
{
    public KeyProvider Provider => provider;

    public IReadOnlyList<string>? Regions => null;

    public Task<PrivateLinkSight> EnsureAsync(PrivateLinkOrder order, CancellationToken cancellation) => Task.FromResult(At(simulation.Ensure(order)));

    public Task<PrivateLinkSight> LookAsync(PrivateLinkOrder order, CancellationToken cancellation) => Task.FromResult(At(simulation.Look(order.Id)));

    public Task<PrivateLinkSight> DeleteAsync(PrivateLinkOrder order, CancellationToken cancellation) => Task.FromResult(simulation.Delete(order.Id));

    private PrivateLinkSight At(PrivateLinkSight sight) => sight is PrivateLinkSight.Up up ? up with { Address = address } : sight;
}
