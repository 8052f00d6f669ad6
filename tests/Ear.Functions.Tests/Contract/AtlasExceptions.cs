using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ear.Functions.Tests.Contract;

/// <summary>Where Atlas's document says something else than its service does, and Ear follows the service; each with its source.</summary>
internal static class AtlasExceptions
{
    private static readonly string[] Alerts =
    [
        "AlertView", "AppServiceAlertView", "ClusterAlertViewForNdsGroup", "DataMetricAlertView", "DefaultAlertViewForNdsGroup", "FlexMetricAlert", "HostAlertViewForNdsGroup",
        "HostMetricAlert", "NumberMetricAlertView", "RawMetricAlertView", "ReplicaSetAlertViewForNdsGroup", "StreamProcessorAlertViewForNdsGroup", "TimeMetricAlertView",
    ];

    /// <summary>Path of what is taken out, and why.</summary>
    private static readonly (string[] Path, string Why)[] TakenOut =
    [
        (["ApiError", "properties", "parameters", "items"], "The document says objects; recorded answers have texts and lists of texts (spec atlas-ear §2.0.3)."),
        (["AWSKMSConfiguration", "properties", "roleId", "writeOnly"], "The service returns it, and Terraform's import needs it (C4)."),
        (["BiConnector", "properties", "readPreference", "enum"], "The document has capitals; the service answers in lower case (§2.3)."),
        (["CloudProviderAccessGCPServiceAccount", "allOf", "1", "properties", "gcpServiceAccountForAtlas", "pattern"],
            "It names Atlas's own Google projects; Ear's account is whatever its operator made (§2.11)."),
        .. new[] { "DataProtectionSettings", "DataProtectionSettings20231001" }.Select(s => ((string[])[s, "required"],
            "Without a policy the service answers with no field at all: so the Kubernetes operator, which takes anything else for one.")),
        (["Group", "properties", "name", "pattern"], "It has no space, but a change takes any text (GroupUpdate), and the service's own first project is called Project 0."),
        .. new[] { "AzureCloudProviderContainer", "GCPCloudProviderContainer" }.Select(s => ((string[])[s, "required", "atlasCidrBlock"],
            "Clusters are in their owner's own networks: there is no range of Ear's to tell.")),
        .. Alerts.Select(s => ((string[])[s, "properties", "acknowledgingUsername", "format"],
            "Who acknowledges is an API key or a service account here, and has no mail address.")),
    ];

    /// <summary>Objects whose properties may be null, and why.</summary>
    private static readonly (string Schema, string Why)[] Nullable =
    [
        ("ClusterDescriptionProcessArgs", "Recorded answers have all keys, unset ones null (§3.2)."),
        ("ClusterDescriptionProcessArgs20240805", "As above."),
    ];

    public static JsonObject Applied(JsonObject document)
    {
        foreach (var (path, why) in TakenOut)
        {
            if (!Removed(path[..^1].Aggregate((JsonNode?)document["components"]!["schemas"], Step), path[^1]))
                throw new InvalidOperationException($"{string.Join('.', path)} is not in Atlas's document any more; this exception can go: {why}");
        }
        foreach (var (schema, _) in Nullable)
        {
            foreach (var (_, property) in (JsonObject)document["components"]!["schemas"]![schema]!["properties"]!)
                property!["nullable"] = true;
        }
        return document;
    }

    /// <summary>From an object its property, from a list its text.</summary>
    private static bool Removed(JsonNode? parent, string name)
        => parent is JsonArray items
            ? items.FirstOrDefault(i => i?.GetValueKind() is JsonValueKind.String && i.GetValue<string>() == name) is { } item && items.Remove(item)
            : parent is JsonObject owner && owner.Remove(name);

    private static JsonNode? Step(JsonNode? at, string step) => at is JsonArray items ? items[int.Parse(step, CultureInfo.InvariantCulture)] : at?[step];
}
