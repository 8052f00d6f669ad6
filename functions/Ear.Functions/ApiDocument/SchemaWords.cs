using System.Net;
using System.Text.Json.Nodes;

namespace Ear.Functions.ApiDocument;

/// <summary>A schema in a few words, in HTML; references lead to where the page has the schema.</summary>
internal static class SchemaWords
{
    private const string Prefix = "#/components/schemas/";
    private static readonly string[] Bounds = ["format", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "default", "example"];

    public static string Of(JsonNode? schema)
    {
        if (schema is not JsonObject found)
            return "";
        if (found["$ref"]?.GetValue<string>() is { } reference)
            return Link(reference);
        foreach (var (many, word) in new[] { ("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ") })
        {
            if (found[many] is JsonArray parts)
                return string.Join(word, parts.Select(Of));
        }
        var kind = found["items"] is { } items ? $"list of {Of(items)}" : WebUtility.HtmlEncode(found["type"]?.ToString() ?? "anything");
        if (found["additionalProperties"] is JsonObject values)
            kind += $" of {Of(values)}";
        if (found["enum"] is JsonArray choices)
            kind += ": " + string.Join(", ", choices.Select(c => $"<code>{WebUtility.HtmlEncode(c?.ToString() ?? "null")}</code>"));
        var bounds = Bounds.Where(b => found[b] is not null).Select(b => $"{b} <code>{WebUtility.HtmlEncode(found[b]!.ToString())}</code>")
            .Concat(found["nullable"] is null ? [] : ["or null"]);
        return string.Join(", ", bounds.Prepend(kind));
    }

    private static string Link(string reference)
    {
        var name = reference.StartsWith(Prefix, StringComparison.Ordinal) ? reference[Prefix.Length..] : reference;
        return $"<a href=\"#{ReferencePage.Anchor("schema-" + name)}\">{WebUtility.HtmlEncode(name)}</a>";
    }
}
