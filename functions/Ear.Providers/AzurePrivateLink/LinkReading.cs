using System.Text.Json;
using Azure.Core;
using Ear.PrivateEndpoints;

namespace Ear.Providers.AzurePrivateLink;

/// <summary>How a private endpoint stands, from its properties.</summary>
/// <param name="Sight">When up, without its address.</param>
/// <param name="Interface">Which network interface has the address; null when it is not up.</param>
/// <param name="WithoutAddress">What it is instead when that interface has no address.</param>
internal sealed record LinkReading(PrivateLinkSight Sight, ResourceIdentifier? Interface = null, PrivateLinkSight? WithoutAddress = null)
{
    /// <summary>
    /// The customer's word comes first: a connection that was taken away stays so whatever the endpoint's own state. Then the endpoint's: while that is being
    /// changed, Pending and Approved are of before or of after. Failed is only how the last change ended (a tag that a policy wanted, say): Azure's networking
    /// goes on carrying traffic after it (learn.microsoft.com/azure/networking/troubleshoot-failed-state).
    /// </summary>
    public static LinkReading Of(JsonElement properties)
    {
        if (properties.First("manualPrivateLinkServiceConnections") is not { } connection)
            return new(new PrivateLinkSight.Unknown("Azure tells of no connection of the private endpoint"));
        var state = connection.Find("properties")?.Find("privateLinkServiceConnectionState");
        return (state?.Text("status"), properties.Text("provisioningState"), connection.Text("name")) switch
        {
            ("Rejected" or "Disconnected", _, _) => new(new PrivateLinkSight.Rejected()),
            ("Approved", "Failed", { } name) when Id(properties) is { } id => new(new PrivateLinkSight.Up(name), id, new PrivateLinkSight.Broken(Reason(state))),
            (_, "Failed", _) => new(new PrivateLinkSight.Broken(Reason(state))),
            (_, not "Succeeded", _) => new(new PrivateLinkSight.UnderWay()),
            ("Pending", _, { } name) => new(new PrivateLinkSight.AwaitingApproval(name)),
            // It is approved a moment before it has its address.
            ("Approved", _, { } name) when Id(properties) is { } id => new(new PrivateLinkSight.Up(name), id, new PrivateLinkSight.UnderWay()),
            ("Approved", _, not null) => new(new PrivateLinkSight.UnderWay()),
            var (status, _, _) => new(new PrivateLinkSight.Unknown($"Azure calls the connection {status ?? "nothing"}, which is not known here")),
        };
    }

    /// <param name="properties">Of the network interface.</param>
    public static string? AddressIn(JsonElement? properties) => properties?.First("ipConfigurations")?.Find("properties")?.Text("privateIPAddress");

    private static ResourceIdentifier? Id(JsonElement properties)
        => ResourceIdentifier.TryParse(properties.First("networkInterfaces")?.Text("id"), out var id) ? id : null;

    private static string Reason(JsonElement? state)
        => state?.Text("description") is { Length: > 0 } words ? $"Azure could not make or change the private endpoint: {words.TrimEnd('.')}" : "Azure could not make or change the private endpoint";
}
