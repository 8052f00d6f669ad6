using System.Text.Json.Serialization;
using Ear.CustomerKeys;
using Ear.Projects;

namespace Ear.PrivateEndpoints;

/// <summary>Atlas's words: INITIATING, PENDING_ACCEPTANCE, ACTIVE, FAILED, PENDING_RECREATION, DELETING (R63). <see cref="PrivateEndpointStates"/> says how they follow.</summary>
public enum PrivateEndpointStatus
{
    Initiating,
    PendingAcceptance,
    Active,
    Failed,
    PendingRecreation,
    Deleting,
}

/// <summary>A private way from one region to a project's key service (R62). A wish (that it exists, or goes) and how far the world has come.</summary>
/// <param name="RegionName">Atlas's form: US_EAST_2. One of <see cref="PrivateEndpointRegions"/>.</param>
/// <param name="Target">What it leads to, see <see cref="PrivateEndpointTarget"/>; never changes (R69).</param>
/// <param name="ProvisionedBy">When an endpoint that is still INITIATING becomes FAILED.</param>
public sealed record PrivateEndpoint(
    PrivateEndpointId Id, ProjectId ProjectId, KeyProvider Provider, string RegionName, string Target, DateTimeOffset Created, DateTimeOffset ProvisionedBy)
{
    public PrivateEndpointStatus Status { get; init; } = PrivateEndpointStatus.Initiating;

    /// <summary>Why it failed, why another one takes its place, or what fault the cloud reports of one that stays as it is; null otherwise.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>Azure's name of the connection on the vault, by which the customer approves it; null until the connection exists, and always for AWS.</summary>
    public string? ConnectionName { get; init; }

    /// <summary>
    /// An IP address in Ear's network, with a port where it is not that of the key service's own address: <c>10.1.0.4</c>. Null until the link has been up,
    /// and where the key service's own name leads through it. It means something only while the endpoint is ACTIVE: see <see cref="PrivateWays"/>.
    /// </summary>
    public string? Address { get; init; }

    /// <summary>Since when every look at the link of an endpoint that had one found none; null: the last look did, or learnt nothing.</summary>
    public DateTimeOffset? AbsentSince { get; init; }

    /// <summary>Which one it was made in the place of (R66).</summary>
    public PrivateEndpointId? Replaces { get; init; }

    /// <summary>Which one was made in its place; null until that exists. Once set, no other one is made.</summary>
    public PrivateEndpointId? Replacement { get; init; }

    /// <summary>Who asked for its deletion; null: nobody, Ear takes it away by itself.</summary>
    public string? DeletionRequestedBy { get; init; }

    /// <summary>It holds its region: there is at most one such endpoint of a provider in a region of a project (R67).</summary>
    [JsonIgnore]
    public bool HoldsRegion => Status is not (PrivateEndpointStatus.PendingRecreation or PrivateEndpointStatus.Deleting);

    /// <summary>Something may still happen to it by itself: what <see cref="IUnfinishedPrivateEndpoints"/> lists. Even an active one is looked at, for its customer can take the approval back.</summary>
    [JsonIgnore]
    public bool IsUnfinished => Status is not PrivateEndpointStatus.Failed;

    [JsonIgnore]
    public PrivateEndpointRef Ref => new(ProjectId, Id);

    [JsonIgnore]
    public PrivateLinkOrder Order => new(Id, ProjectId, Provider, RegionName, Target);
}

/// <summary>How orchestrations name an endpoint.</summary>
public sealed record PrivateEndpointRef(ProjectId ProjectId, PrivateEndpointId Id);
