using System.Text.Json.Serialization;
using Ear.CustomerKeys;
using Ear.PrivateEndpoints;

namespace Ear.Functions.PrivateEndpoints;

/// <summary>EARPrivateEndpoint of 2023-01-01.</summary>
internal sealed record PrivateEndpointView(string CloudProvider, string? ErrorMessage, string Id, string? PrivateEndpointConnectionName, string RegionName, string Status)
{
    public static PrivateEndpointView Of(PrivateEndpoint endpoint) => new(
        endpoint.Provider.AtlasName(), endpoint.ErrorMessage, endpoint.Id.Value, endpoint.ConnectionName, endpoint.RegionName, Name(endpoint.Status));

    private static string Name(PrivateEndpointStatus status) => status switch
    {
        PrivateEndpointStatus.Initiating => "INITIATING",
        PrivateEndpointStatus.PendingAcceptance => "PENDING_ACCEPTANCE",
        PrivateEndpointStatus.Active => "ACTIVE",
        PrivateEndpointStatus.Failed => "FAILED",
        PrivateEndpointStatus.PendingRecreation => "PENDING_RECREATION",
        PrivateEndpointStatus.Deleting => "DELETING",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, null),
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PrivateEndpointView))]
internal sealed partial class PrivateEndpointJson : JsonSerializerContext;
