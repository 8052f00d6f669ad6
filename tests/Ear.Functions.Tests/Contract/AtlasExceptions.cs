using System.Globalization;
using System.Text.Json.Nodes;

namespace Ear.Functions.Tests.Contract;

/// <summary>Where Atlas's document says something else than its service does, and Ear follows the service; each with its source.</summary>
internal static class AtlasExceptions
{
    /// <summary>Path of what is taken out, and why.</summary>
    private static readonly (string[] Path, string Why)[] TakenOut =
    [
        (["ApiError", "properties", "parameters", "items"], "The document says objects; recorded answers have texts and lists of texts (spec atlas-ear §2.0.3)."),
        (["AWSKMSConfiguration", "properties", "roleId", "writeOnly"], "The service returns it, and Terraform's import needs it (C4)."),
        (["BiConnector", "properties", "readPreference", "enum"], "The document has capitals; the service answers in lower case (§2.3)."),
        (["CloudProviderAccessGCPServiceAccount", "allOf", "1", "properties", "gcpServiceAccountForAtlas", "pattern"],
            "It names Atlas's own Google projects; Ear's account is whatever its operator made (§2.11)."),
    ];

    public static JsonObject Applied(JsonObject document)
    {
        foreach (var (path, why) in TakenOut)
        {
            var parent = path[..^1].Aggregate((JsonNode?)document["components"]!["schemas"], Step) as JsonObject;
            if (parent?.Remove(path[^1]) is not true)
                throw new InvalidOperationException($"{string.Join('.', path)} is not in Atlas's document any more; this exception can go: {why}");
        }
        // Alerts have no configurations yet; the room of alert configurations takes this out.
        foreach (var required in ((JsonObject)document["components"]!["schemas"]!).Where(s => s.Key.Contains("Alert", StringComparison.Ordinal)).Select(s => s.Value!["required"]).OfType<JsonArray>())
        {
            if (required.FirstOrDefault(r => r!.GetValue<string>() == "alertConfigId") is { } config)
                required.Remove(config);
        }
        return document;
    }

    private static JsonNode? Step(JsonNode? at, string step) => at is JsonArray items ? items[int.Parse(step, CultureInfo.InvariantCulture)] : at?[step];
}
