using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ear.Functions.ApiDocument;

/// <summary>What all operations share: common.json, which is the document's beginning.</summary>
internal sealed class CommonParts
{
    private readonly JsonObject parts;

    private CommonParts(JsonObject parts) => this.parts = parts;

    public JsonObject Info => Copy("info");

    public JsonObject Parameters => Copy("parameters");

    public JsonObject Headers => Copy("headers");

    public JsonObject SecuritySchemes => Copy("securitySchemes");

    public IReadOnlyDictionary<string, JsonObject> Schemas => ((JsonObject)parts["schemas"]!).ToDictionary(s => s.Key, s => (JsonObject)s.Value!, StringComparer.Ordinal);

    public static CommonParts Embedded()
        => new((JsonObject)JsonNode.Parse(EmbeddedText.Of(typeof(CommonParts).Assembly, "api-document/common.json"))!);

    public bool HasParameter(string name) => ((JsonObject)parts["parameters"]!).ContainsKey(name);

    /// <summary>What this status says everywhere; null: the document has no words for it.</summary>
    public string? RefusalWords(int status) => parts["responses"]?[Key(status)]?.GetValue<string>();

    /// <summary>The refusals that somebody refers to.</summary>
    public JsonObject Refusals(JsonObject apiError)
        => new(((JsonObject)parts["responses"]!).Select(r => KeyValuePair.Create(r.Key, (JsonNode?)Refusal(r.Value!.GetValue<string>(), HeaderWords.Refused(r.Key), apiError))));

    public static JsonObject Refusal(string words, JsonObject headers, JsonObject schema) => new()
    {
        ["description"] = words,
        ["headers"] = headers,
        ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = schema.DeepClone() } },
    };

    public static string Key(int status) => status.ToString(CultureInfo.InvariantCulture);

    private JsonObject Copy(string name) => (JsonObject)parts[name]!.DeepClone();
}
