using System.Text.Json.Nodes;
using Ear.Functions.ApiDocument;

namespace Ear.Functions.Tests.ApiDocument;

/// <summary>An OpenAPI document as tests look at it.</summary>
internal sealed class OpenApi(JsonObject document)
{
    private static readonly string[] Methods = ["get", "post", "put", "patch", "delete"];

    public static OpenApi Own { get; } = new(DocumentAssembler.OfApp(typeof(EarApp).Assembly).Document);

    public JsonObject Document => document;

    public IReadOnlyList<DocumentedOperation> Operations { get; } =
        [.. ((JsonObject)document["paths"]!).SelectMany(p => ((JsonObject)p.Value!).Where(o => Methods.Contains(o.Key)).Select(o => new DocumentedOperation(p.Key, o.Key, (JsonObject)o.Value!)))];

    /// <summary>All <c>$ref</c> of a part.</summary>
    public static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject part => part.SelectMany(p => p.Key == "$ref" && p.Value is JsonValue text ? [text.GetValue<string>()] : References(p.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };

    /// <param name="reference">As <c>#/components/schemas/Id</c>.</param>
    public JsonNode? Find(string reference)
        => reference.StartsWith("#/", StringComparison.Ordinal) ? reference[2..].Split('/').Aggregate((JsonNode?)document, (at, step) => at?[step]) : null;

    public JsonNode Resolved(JsonNode node) => node["$ref"] is { } reference ? Find(reference.GetValue<string>())! : node;
}

internal sealed record DocumentedOperation(string Path, string Method, JsonObject Text)
{
    private const string Prefix = "application/vnd.atlas.";

    public string Id => Text["operationId"]!.GetValue<string>();

    /// <summary>Dates, oldest first; one "" where there are none.</summary>
    public IReadOnlyList<string> Versions { get; } =
        [.. ((JsonObject)Text["responses"]!).Where(r => r.Key[0] == '2').SelectMany(r => (r.Value!["content"] as JsonObject ?? []).Select(c => c.Key))
            .Select(t => t.StartsWith(Prefix, StringComparison.Ordinal) ? t[Prefix.Length..^"+json".Length] : "").DefaultIfEmpty("").Distinct().Order(StringComparer.Ordinal)];

    public bool IsVersioned => Versions[0].Length > 0;

    public bool NeedsCaller => Text["security"] is JsonArray { Count: > 0 };
}
