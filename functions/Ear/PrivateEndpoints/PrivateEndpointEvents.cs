using Ear.Alerts;
using Ear.CustomerKeys;

namespace Ear.PrivateEndpoints;

/// <summary>What is told of endpoints (R97). Each follows from the endpoint, so that the same one told twice is told once.</summary>
internal static class PrivateEndpointEvents
{
    public static ProjectEvent Created(PrivateEndpoint endpoint, string actor) => Of(endpoint, "CREATED", actor, endpoint.Created);

    public static ProjectEvent Deleted(PrivateEndpoint endpoint, DateTimeOffset now) => Of(endpoint, "DELETED", endpoint.DeletionRequestedBy ?? CausedEvents.Actor, now);

    private static ProjectEvent Of(PrivateEndpoint endpoint, string what, string actor, DateTimeOffset now)
    {
        (string, string)[] replaces = endpoint.Replaces is { } replaced ? [("replaces", replaced.Value)] : [];
        var told = CausedEvents.Of(
            endpoint.ProjectId, $"ENCRYPTION_AT_REST_PRIVATE_ENDPOINT_{what}", endpoint.Id.Value, now,
            [("privateEndpointId", endpoint.Id.Value), ("provider", endpoint.Provider.AtlasName()), ("regionName", endpoint.RegionName), .. replaces]);
        return told with { Actor = actor };
    }
}
