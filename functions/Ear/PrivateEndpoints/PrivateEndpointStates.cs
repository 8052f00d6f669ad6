namespace Ear.PrivateEndpoints;

/// <summary>What has become of the endpoint that takes another one's place.</summary>
public enum ReplacementView
{
    /// <summary>There has been none.</summary>
    NotMade,

    /// <summary>INITIATING, PENDING_ACCEPTANCE or FAILED: it may still come up, or somebody has to see to it.</summary>
    OnItsWay,

    /// <summary>ACTIVE, or on its way out, or gone, or being replaced itself: the one before is of no more interest.</summary>
    Settled,
}

/// <summary>What is to be done beside writing the next state down.</summary>
public enum EndpointDeed
{
    Nothing,

    /// <summary>Make another endpoint in the same region (R66).</summary>
    MakeReplacement,

    /// <summary>The link is gone: forget the endpoint.</summary>
    Forget,
}

/// <summary>The next state of an endpoint.</summary>
/// <param name="Why">One sentence for people.</param>
/// <param name="LookAgain">Null: nothing more happens by itself.</param>
public sealed record EndpointStep(PrivateEndpoint Next, string Why, TimeSpan? LookAgain, EndpointDeed Deed = EndpointDeed.Nothing)
{
    /// <summary>There is nothing new to expect soon: the more such looks in a row, the longer the wait (<see cref="PrivateEndpointStates.Later"/>).</summary>
    public bool IsFruitless { get; init; }
}

/// <summary>
/// How an endpoint's status follows from what its link looks like (R62–R66, R74, C5, C18). Pure. What happens in each state:
/// <list type="table">
/// <item>INITIATING (entered by POST, or in another one's place): up → ACTIVE; awaits approval → PENDING_ACCEPTANCE; rejected → PENDING_RECREATION; broken → FAILED; anything else, unknown
/// included, waits, and past the deadline → FAILED.</item>
/// <item>PENDING_ACCEPTANCE (Azure; the customer takes the time that it takes): up → ACTIVE; rejected, or absent and absent again a minute later → PENDING_RECREATION; unknown and under way prove nothing; nor does
/// broken, which is told.</item>
/// <item>ACTIVE: awaits approval → PENDING_ACCEPTANCE, because the approval was taken back; rejected, or absent and absent again a minute later → PENDING_RECREATION; unknown and under way prove nothing; nor does
/// broken, which is told: what once was up goes on carrying traffic after its cloud failed to change it.</item>
/// <item>FAILED: nothing, because somebody has to see why; DELETE leaves it.</item>
/// <item>PENDING_RECREATION: makes its replacement, once; then stays to be read until that one is settled → DELETING. What its own link looks like does not matter any more: it is being taken away.</item>
/// <item>DELETING (entered by DELETE in any state, or from PENDING_RECREATION): absent → forgotten; anything else is asked to go again, for ever: what costs money in somebody's cloud is not forgotten.</item>
/// </list>
/// </summary>
public static class PrivateEndpointStates
{
    /// <summary>While the cloud works, unless it asks for more time; not more than <see cref="Refresh"/>.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    /// <summary>While a person has something to approve, and waits for Ear to see it.</summary>
    public static readonly TimeSpan Approval = TimeSpan.FromSeconds(30);

    /// <summary>While all is well: within the 3 minutes of R62, the look itself included.</summary>
    public static readonly TimeSpan Refresh = TimeSpan.FromMinutes(2);

    /// <summary>A cloud of many regions says "not there" of what one of them has not heard of yet, so it counts when it is said again this much later.</summary>
    public static readonly TimeSpan AbsenceProven = TimeSpan.FromMinutes(1);

    public static EndpointStep After(this PrivateEndpoint endpoint, PrivateLinkSight link, ReplacementView replacement, DateTimeOffset now) => endpoint.Status switch
    {
        PrivateEndpointStatus.Initiating => endpoint.Initiating(link, now),
        PrivateEndpointStatus.PendingAcceptance => endpoint.Made(link, now),
        PrivateEndpointStatus.Active => endpoint.Made(link, now),
        PrivateEndpointStatus.Failed => new(endpoint, "It failed: delete it, and make another one when the reason is gone.", null),
        PrivateEndpointStatus.PendingRecreation => endpoint.BeingReplaced(replacement),
        PrivateEndpointStatus.Deleting => endpoint.Deleting(link),
        _ => throw new ArgumentOutOfRangeException(nameof(endpoint), endpoint.Status, null),
    };

    /// <summary>The wait after looks that learnt nothing: from <see cref="Soon"/> doubled to <see cref="Refresh"/>, and of that between half and all, so that endpoints that lost their cloud together do not come back together.</summary>
    /// <param name="before">How many looks in a row were fruitless before this one.</param>
    /// <param name="chance">In [0, 1).</param>
    public static TimeSpan Later(int before, double chance) => Sooner(Soon * Math.Pow(2, Math.Min(before, 10)), Refresh) * ((1 + chance) / 2);

    /// <summary>DELETE, in any state (C18). Told twice is told once.</summary>
    public static PrivateEndpoint Deleted(this PrivateEndpoint endpoint, string actor)
        => endpoint.Status is PrivateEndpointStatus.Deleting
            ? endpoint
            : endpoint with { Status = PrivateEndpointStatus.Deleting, ErrorMessage = null, AbsentSince = null, DeletionRequestedBy = actor };

    /// <summary>How a replacement looks to the one that it replaces.</summary>
    public static ReplacementView View(PrivateEndpoint? replacement) => replacement?.Status switch
    {
        PrivateEndpointStatus.Initiating or PrivateEndpointStatus.PendingAcceptance or PrivateEndpointStatus.Failed => ReplacementView.OnItsWay,
        PrivateEndpointStatus.Active or PrivateEndpointStatus.PendingRecreation or PrivateEndpointStatus.Deleting or null => ReplacementView.Settled,
        _ => throw new ArgumentOutOfRangeException(nameof(replacement), replacement, null),
    };

    private static EndpointStep Initiating(this PrivateEndpoint endpoint, PrivateLinkSight link, DateTimeOffset now)
    {
        if (link is PrivateLinkSight.Broken broken)
            return endpoint.Failed($"{broken.Reason}.");
        if (link is not (PrivateLinkSight.Unknown or PrivateLinkSight.Absent or PrivateLinkSight.UnderWay))
            return endpoint.Made(link, now);
        var pace = link is PrivateLinkSight.UnderWay atWork ? Pace(atWork) : Soon;
        var how = link is PrivateLinkSight.Unknown unknown ? $"nothing could be learnt from the cloud ({unknown.Why})" : "the cloud is still at work";
        return now >= endpoint.ProvisionedBy
            ? endpoint.Failed($"It did not come up within {(endpoint.ProvisionedBy - endpoint.Created).TotalMinutes:0} minutes; at the last look {how}.")
            : new(endpoint, $"It is being made: {how}.", Sooner(pace, endpoint.ProvisionedBy - now));
    }

    /// <summary>The link was seen to exist, now or before.</summary>
    private static EndpointStep Made(this PrivateEndpoint endpoint, PrivateLinkSight link, DateTimeOffset now)
    {
        var there = endpoint with { AbsentSince = null };
        return link switch
        {
            PrivateLinkSight.Unknown unknown => new(there, $"Nothing could be learnt from the cloud ({unknown.Why}), which proves nothing.", Soon) { IsFruitless = true },
            PrivateLinkSight.UnderWay atWork => new(there, "The cloud is at work on it.", Pace(atWork)),
            PrivateLinkSight.AwaitingApproval waiting => new(
                there with { Status = PrivateEndpointStatus.PendingAcceptance, ErrorMessage = null, ConnectionName = waiting.ConnectionName },
                $"The connection {waiting.ConnectionName} waits for its approval on the key vault.", Approval),
            PrivateLinkSight.Up up => new(
                there with { Status = PrivateEndpointStatus.Active, ErrorMessage = null, ConnectionName = up.ConnectionName, Address = up.Address }, "It is up.", Refresh),
            PrivateLinkSight.Rejected => there.ToBeReplaced("rejected"),
            PrivateLinkSight.Absent => endpoint.Missing(now),
            PrivateLinkSight.Broken broken => there.Ailing($"The cloud reports a fault. The endpoint stays as it is, and is looked at again: {broken.Reason}."),
            _ => throw new ArgumentOutOfRangeException(nameof(link), link, null),
        };
    }

    private static EndpointStep Ailing(this PrivateEndpoint endpoint, string fault) => new(endpoint with { ErrorMessage = fault }, fault, Soon) { IsFruitless = true };

    private static EndpointStep Missing(this PrivateEndpoint endpoint, DateTimeOffset now)
    {
        // A clock that was set back does not make the wait longer.
        var since = endpoint.AbsentSince is { } before && before <= now ? before : now;
        return now - since >= AbsenceProven
            ? endpoint.ToBeReplaced("removed")
            : new(endpoint with { AbsentSince = since }, "The cloud does not find it, which counts once it says so again a minute later.", Sooner(Soon, AbsenceProven - (now - since)));
    }

    private static EndpointStep BeingReplaced(this PrivateEndpoint endpoint, ReplacementView replacement) => replacement switch
    {
        ReplacementView.NotMade => new(endpoint, "Another one is made in its place.", TimeSpan.Zero, EndpointDeed.MakeReplacement),
        ReplacementView.OnItsWay => new(endpoint, $"{endpoint.Replacement} takes its place and is not up yet.", Refresh),
        ReplacementView.Settled => new(endpoint with { Status = PrivateEndpointStatus.Deleting, ErrorMessage = null }, "Its place is taken: it goes.", TimeSpan.Zero),
        _ => throw new ArgumentOutOfRangeException(nameof(replacement), replacement, null),
    };

    private static EndpointStep Deleting(this PrivateEndpoint endpoint, PrivateLinkSight link) => link switch
    {
        PrivateLinkSight.Absent => new(endpoint, "It is gone.", null, EndpointDeed.Forget),
        PrivateLinkSight.Unknown unknown => new(endpoint, $"It is to go; nothing could be learnt from the cloud ({unknown.Why}).", Soon) { IsFruitless = true },
        PrivateLinkSight.Broken broken => new(endpoint, $"It is to go, and does not: {broken.Reason}.", Refresh),
        PrivateLinkSight.UnderWay atWork => new(endpoint, "It is being taken away.", Pace(atWork)),
        _ => new(endpoint, "It is being taken away.", Soon),
    };

    private static EndpointStep ToBeReplaced(this PrivateEndpoint endpoint, string what) => new(
        endpoint with
        {
            Status = PrivateEndpointStatus.PendingRecreation,
            AbsentSince = null,
            ErrorMessage = $"The connection was {what}: another private endpoint is made in {endpoint.RegionName}, which has to be approved.",
        },
        $"The connection was {what}.", TimeSpan.Zero);

    private static EndpointStep Failed(this PrivateEndpoint endpoint, string reason)
        => new(endpoint with { Status = PrivateEndpointStatus.Failed, ErrorMessage = reason }, reason, null);

    private static TimeSpan Pace(PrivateLinkSight.UnderWay link) => link.LookAgain is { } asked && asked > Soon ? Sooner(asked, Refresh) : Soon;

    private static TimeSpan Sooner(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
