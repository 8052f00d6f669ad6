using System.Text.Json.Serialization;
using Ear.CustomerKeys;
using Ear.PrivateEndpoints;

namespace Ear.Local.PrivateLink;

/// <summary>What its owner, or misfortune, decided about a link.</summary>
internal enum LinkDecision
{
    None,
    Approved,
    Rejected,
    Broken,
}

/// <summary>A private link as the simulated cloud keeps it.</summary>
/// <param name="Name">Of the connection: what the customer approves in Azure.</param>
internal sealed record SimulatedLink(PrivateEndpointId Id, string Name, KeyProvider Provider, string RegionName, string Target, DateTimeOffset Made)
{
    /// <summary>How long a cloud takes here; real ones take minutes.</summary>
    public static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    public LinkDecision Decision { get; init; }

    public string? Reason { get; init; }

    public DateTimeOffset? DeletedAt { get; init; }

    [JsonIgnore]
    public bool NeedsApproval => Provider is KeyProvider.Azure;

    public PrivateLinkSight Look(DateTimeOffset now)
    {
        if (DeletedAt is { } deleted)
            return now - deleted < Moment ? new PrivateLinkSight.UnderWay() : new PrivateLinkSight.Absent();
        return Decision switch
        {
            LinkDecision.Broken => new PrivateLinkSight.Broken(Reason ?? "The simulation was told so"),
            LinkDecision.Rejected => new PrivateLinkSight.Rejected(),
            _ when now - Made < Moment => new PrivateLinkSight.UnderWay(),
            LinkDecision.None when NeedsApproval => new PrivateLinkSight.AwaitingApproval(Name),
            _ => new PrivateLinkSight.Up(NeedsApproval ? Name : null),
        };
    }
}
