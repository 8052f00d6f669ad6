using System.Text.Json.Nodes;
using Azure.Core;
using Ear.PrivateEndpoints;

namespace Ear.Providers.AzurePrivateLink;

/// <summary>What lies in the resource group for one endpoint, and what makes it: the compiled template of infra/modules/keyVaultPrivateEndpoint.bicep. All names follow from the endpoint's id.</summary>
internal static class LinkDeployment
{
    /// <summary>Old enough for all of Azure's clouds.</summary>
    public const string DeploymentVersion = "2022-09-01";

    /// <summary>The template's.</summary>
    public const string NetworkVersion = "2024-05-01";

    private static readonly Lazy<string> Template = new(ReadTemplate);

    public static string NameOf(PrivateEndpointId id) => $"ear-{id}";

    public static ResourceIdentifier Record(ResourceIdentifier group, PrivateEndpointId id) => Child(group, "Microsoft.Resources", "deployments", id);

    public static ResourceIdentifier Endpoint(ResourceIdentifier group, PrivateEndpointId id) => Child(group, "Microsoft.Network", "privateEndpoints", id);

    /// <summary>Incremental: whatever else is in the group stays, and a repeat changes nothing.</summary>
    public static BinaryData Body(PrivateLinkOrder order, AzurePrivateLinkRegion network)
    {
        // Each its own: a node has one parent.
        JsonObject Tags() => new() { ["ear-project"] = order.ProjectId.Value, ["ear-private-endpoint"] = order.Id.Value };
        var body = new JsonObject
        {
            ["properties"] = new JsonObject
            {
                ["mode"] = "Incremental",
                ["template"] = JsonNode.Parse(Template.Value),
                ["parameters"] = new JsonObject
                {
                    ["privateEndpointName"] = Value(NameOf(order.Id)),
                    ["location"] = Value(AzureLocations.Of(order.RegionName)),
                    ["keyVaultResourceId"] = Value(order.Target),
                    ["subnetId"] = Value(network.SubnetId),
                    ["privateDnsZoneId"] = Value(network.DnsZoneId),
                    ["requestMessage"] = Value($"Encryption at rest of MongoDB: project {order.ProjectId}, private endpoint {order.Id}"),
                    ["tags"] = Value(Tags()),
                },
            },
            ["tags"] = Tags(),
        };
        return BinaryData.FromString(body.ToJsonString());
    }

    private static JsonObject Value(JsonNode value) => new() { ["value"] = value };

    private static ResourceIdentifier Child(ResourceIdentifier group, string provider, string type, PrivateEndpointId id) => group.AppendProviderResource(provider, type, NameOf(id));

    private static string ReadTemplate()
    {
        const string Name = "keyVaultPrivateEndpoint.json";
        using var stream = typeof(LinkDeployment).Assembly.GetManifestResourceStream(Name) ?? throw new InvalidOperationException($"{Name} is not in this assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
