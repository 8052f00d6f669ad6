using Ear.CustomerKeys;

namespace Ear.PrivateEndpoints;

/// <summary>The clouds in which this Ear can make private links.</summary>
public sealed class PrivateLinks(IEnumerable<IPrivateLink> links)
{
    private readonly IPrivateLink[] links = [.. links];

    /// <summary>Null: private networking is not run here.</summary>
    public IPrivateLink? Of(KeyProvider provider) => Array.Find(links, l => l.Provider == provider);
}

/// <param name="ProvisionWithin">How long an endpoint may be INITIATING before it is FAILED.</param>
/// <param name="RefuseDeleteDuringProvisioning">As Atlas does; otherwise a DELETE cancels (C18).</param>
public sealed record PrivateEndpointTerms(TimeSpan ProvisionWithin, bool RefuseDeleteDuringProvisioning);
