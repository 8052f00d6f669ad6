using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Ear.Functions.Tests.Clusters;

/// <summary>Atlas's own schemas, where they are at hand: types, enums, patterns, required and known fields of an answer. Not a whole validator: as much as these schemas say.</summary>
internal sealed class AtlasSchema
{
    private static readonly Lazy<AtlasSchema?> Loaded = new(() => File.Exists(FileName()) ? new AtlasSchema(JsonNode.Parse(File.ReadAllText(FileName()))!) : null);
    private readonly JsonNode document;

    private AtlasSchema(JsonNode document) => this.document = document;

    /// <summary>Null where the schemas are not at hand.</summary>
    public static AtlasSchema? Find() => Loaded.Value;

    /// <returns>What in <paramref name="answer"/> the schema does not allow.</returns>
    public IReadOnlyList<string> Faults(string schema, JsonNode answer)
    {
        var faults = new List<string>();
        Check(Named(schema), answer, schema, faults);
        return faults;
    }

    private void Check(JsonNode schema, JsonNode? value, string path, List<string> faults)
    {
        schema = Resolved(schema);
        if (schema["oneOf"] is JsonArray choices && Chosen(schema, choices, value) is { } chosen)
        {
            Check(chosen, value, path, faults);
            return;
        }
        if (value is null)
            return;
        var isKind = schema["type"]?.GetValue<string>() switch
        {
            "object" => value is JsonObject || schema["oneOf"] is not null,
            "array" => value is JsonArray,
            "string" => value.GetValueKind() is JsonValueKind.String,
            "boolean" => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
            "integer" or "number" => value.GetValueKind() is JsonValueKind.Number,
            _ => true,
        };
        if (!isKind)
            faults.Add($"{path} is no {schema["type"]}: {value.ToJsonString()}");
        if (schema["enum"] is JsonArray words && !words.Any(w => JsonNode.DeepEquals(w, value)))
            faults.Add($"{path} is none of {words.ToJsonString()}: {value.ToJsonString()}");
        if (schema["pattern"]?.GetValue<string>() is { } pattern && !Regex.IsMatch(value.ToString(), pattern))
            faults.Add($"{path} is not as {pattern}: {value.ToJsonString()}");
        if (value is JsonArray items && schema["items"] is { } item)
        {
            for (var i = 0; i < items.Count; i++)
                Check(item, items[i], $"{path}[{i}]", faults);
        }
        if (value is JsonObject fields && Properties(schema) is { Count: > 0 } properties)
        {
            foreach (var (name, inner) in fields)
            {
                if (properties.TryGetValue(name, out var property))
                    Check(property, inner, $"{path}.{name}", faults);
                else
                    faults.Add($"{path}.{name} is unknown");
            }
        }
        foreach (var name in schema["required"]?.AsArray().Select(n => n!.GetValue<string>()) ?? [])
        {
            if (value is JsonObject present && !present.ContainsKey(name))
                faults.Add($"{path}.{name} is missing");
        }
    }

    private Dictionary<string, JsonNode> Properties(JsonNode schema)
    {
        var all = new Dictionary<string, JsonNode>();
        foreach (var part in (schema["allOf"]?.AsArray() ?? []).Select(p => Resolved(p!)).Append(schema))
        {
            foreach (var (name, property) in part["properties"]?.AsObject() ?? [])
                all[name] = property!;
        }
        return all;
    }

    private JsonNode? Chosen(JsonNode schema, JsonArray choices, JsonNode? value)
    {
        if (schema["discriminator"] is { } discriminator && value?[discriminator["propertyName"]!.GetValue<string>()]?.GetValue<string>() is { } name)
            return discriminator["mapping"]?[name] is { } target ? Named(target.GetValue<string>().Split('/')[^1]) : null;
        return value is null ? null : choices.FirstOrDefault(c =>
        {
            var faults = new List<string>();
            Check(c!, value, "", faults);
            return faults.Count == 0;
        }) ?? choices[0];
    }

    private JsonNode Resolved(JsonNode schema) => schema["$ref"] is { } reference ? Named(reference.GetValue<string>().Split('/')[^1]) : schema;

    private JsonNode Named(string name) => document["components"]!["schemas"]![name]!;

    private static string FileName([CallerFilePath] string thisFile = "")
        => Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "..", "..", "shared", "spec", "atlas-openapi-slice.json");
}
