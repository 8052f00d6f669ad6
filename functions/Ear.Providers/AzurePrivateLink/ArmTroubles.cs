using Ear.PrivateEndpoints;

namespace Ear.Providers.AzurePrivateLink;

/// <summary>What was asked for when it was refused.</summary>
internal enum ArmDeed
{
    Read,
    Deploy,
    Delete,
}

/// <summary>
/// From a refusal to what it says about the link. Broken ends an endpoint until somebody deletes it, so it is said only where the same request would be refused for
/// ever; what an operator can put right (a role, a group, a subscription) and what passes (throttling, an outage, another operation) is Unknown: it is tried
/// again, and its words are the endpoint's errorMessage should its time run out.
/// </summary>
internal static class ArmTroubles
{
    public static PrivateLinkSight Of(ArmAnswer answer, ArmDeed deed) => answer switch
    {
        { Status: 0 } => new PrivateLinkSight.Unknown($"Azure Resource Manager: {answer.Why}"),
        { Error: null } => new PrivateLinkSight.Unknown($"Azure Resource Manager answered {answer.Status} without saying why"),
        { Status: 401 } => new PrivateLinkSight.Unknown($"Azure Resource Manager does not take the token of Ear's identity ({answer.Code})"),
        { Error: { } error } when deed is not ArmDeed.Read && IsForGood(answer.Status, error, deed) => new PrivateLinkSight.Broken(error.Words),
        { Error: { } error } => new PrivateLinkSight.Unknown(error.Words),
    };

    /// <summary>A deployment that failed would fail again.</summary>
    public static bool IsForGood(ArmError error) => !error.Has(Permission.Is) && !error.Has(Passes);

    private static bool IsForGood(int status, ArmError error, ArmDeed deed) => status switch
    {
        400 => deed is ArmDeed.Deploy && IsForGood(error),
        403 => error.Has(c => c is "RequestDisallowedByPolicy"),
        409 => error.Has(c => c is "ScopeLocked"),
        _ => false,
    };

    private static bool Passes(string code) => code
        is "AnotherOperationInProgress" or "RetryableError" or "RetryableErrorDueToAnotherOperation" or "InternalServerError" or "InternalError" or "ServerTimeout" or "ServiceUnavailable"
        or "GatewayTimeout" or "RequestTimeout" or "TooManyRequests" or "SubscriptionRequestsThrottled" or "Conflict" or "ReferencedResourceNotProvisioned"
        or "CanceledAndSupersededDueToAnotherOperation" or "OperationPreempted";
}
