using Ear.CustomerKeys;
using Ear.Projects;

namespace Ear.PrivateEndpoints;

/// <summary>
/// Private links in one cloud, from Ear's network to a customer's key service. Everything goes by the endpoint's id: told twice is told
/// once, also after an answer was lost. An outage is an answer (<see cref="PrivateLinkSight.Unknown"/>), never an exception and never a no.
/// </summary>
public interface IPrivateLink
{
    KeyProvider Provider { get; }

    /// <summary>Where links can be made, in Atlas's form, in order; null: in every region of the cloud.</summary>
    IReadOnlyList<string>? Regions { get; }

    /// <summary>Makes the link unless it is there; says how it stands.</summary>
    Task<PrivateLinkSight> EnsureAsync(PrivateLinkOrder order, CancellationToken cancellation);

    /// <summary>Changes nothing.</summary>
    Task<PrivateLinkSight> LookAsync(PrivateLinkOrder order, CancellationToken cancellation);

    /// <summary>Takes the link away, whatever its state; <see cref="PrivateLinkSight.Absent"/> once it is gone.</summary>
    Task<PrivateLinkSight> DeleteAsync(PrivateLinkOrder order, CancellationToken cancellation);
}

/// <param name="Id">The link's identity, too.</param>
public sealed record PrivateLinkOrder(PrivateEndpointId Id, ProjectId ProjectId, KeyProvider Provider, string RegionName, string Target);

/// <summary>How a link stands, as its cloud says.</summary>
public abstract record PrivateLinkSight
{
    private PrivateLinkSight()
    {
    }

    /// <summary>No answer could be had, or one that Ear's operator can change (a role that is missing): it says nothing about the link, in either direction. Try again.</summary>
    /// <param name="Why">One sentence for people, without a full stop.</param>
    public sealed record Unknown(string Why) : PrivateLinkSight;

    /// <summary>The cloud says that there is no such link.</summary>
    public sealed record Absent : PrivateLinkSight;

    /// <summary>It is being made, or taken away.</summary>
    /// <param name="LookAgain">When the cloud wants to be asked again; null: it does not say. <see cref="PrivateEndpointStates"/> keeps it within bounds.</param>
    public sealed record UnderWay(TimeSpan? LookAgain = null) : PrivateLinkSight;

    /// <summary>It waits for the customer's approval (Azure).</summary>
    public sealed record AwaitingApproval(string ConnectionName) : PrivateLinkSight;

    /// <param name="ConnectionName">Null in AWS, where nobody has to approve.</param>
    /// <param name="Address">Where the key service is reached through the link, see <see cref="PrivateEndpoint.Address"/>; null where its own name leads there.</param>
    public sealed record Up(string? ConnectionName, string? Address = null) : PrivateLinkSight;

    /// <summary>The customer said no, or removed the connection (R66).</summary>
    public sealed record Rejected : PrivateLinkSight;

    /// <summary>The cloud gave up on it.</summary>
    /// <param name="Reason">One sentence for people, without a full stop.</param>
    public sealed record Broken(string Reason) : PrivateLinkSight;
}
