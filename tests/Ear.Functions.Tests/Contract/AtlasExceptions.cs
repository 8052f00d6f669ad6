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
    ];

    public static JsonObject Applied(JsonObject document)
    {
        foreach (var (path, why) in TakenOut)
        {
            var parent = path[..^1].Aggregate((JsonNode?)document["components"]!["schemas"], (at, step) => at?[step]) as JsonObject;
            if (parent?.Remove(path[^1]) is not true)
                throw new InvalidOperationException($"{string.Join('.', path)} is not in Atlas's document any more; this exception can go: {why}");
        }
        return document;
    }
}
