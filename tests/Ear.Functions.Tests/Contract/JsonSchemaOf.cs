using System.Text.Json.Nodes;
using Ear.Functions.Tests.ApiDocument;

namespace Ear.Functions.Tests.Contract;

internal enum Direction
{
    Request,
    Answer,
}

/// <summary>
/// OpenAPI 3.0's dialect as JSON Schema 2020-12: <c>nullable</c>, <c>exclusiveMinimum: true</c>, discriminators, what is only read
/// or only written.
/// </summary>
/// <param name="closed">Whether a field that the schema does not name is a fault; of our own document it is.</param>
internal sealed class JsonSchemaOf(OpenApi document, Direction direction, bool closed)
{
    private const string Prefix = "#/components/schemas/";

    private static readonly string[] Same =
        ["type", "enum", "format", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "multipleOf"];

    private readonly JsonObject definitions = [];

    /// <summary>How a schema is used: by itself; as one of several that apply together; or under one of its own children, which must not lead back to it.</summary>
    private enum Use
    {
        Whole,
        Part,
        Base,
    }

    public JsonObject Convert(JsonNode schema)
    {
        var root = (JsonObject)Of(schema, Use.Whole, "");
        root["$schema"] = "https://json-schema.org/draft/2020-12/schema";
        root["$defs"] = definitions;
        return root;
    }

    private JsonNode Of(JsonNode? node, Use use, string owner)
    {
        if (node is not JsonObject schema)
            return node?.DeepClone() ?? true;
        if (schema["$ref"]?.GetValue<string>() is { } reference)
            return Reference(reference, use);
        var result = Own(schema, use, owner);
        return schema["nullable"]?.GetValue<bool>() is true
            ? new JsonObject { ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "null" }, result) }
            : result;
    }

    private JsonObject Own(JsonObject schema, Use use, string owner)
    {
        var result = new JsonObject();
        foreach (var (key, value) in schema.Where(p => Same.Contains(p.Key)))
            result[key] = value?.DeepClone();
        Limit(schema, result, "minimum", "exclusiveMinimum");
        Limit(schema, result, "maximum", "exclusiveMaximum");
        if (schema["items"] is { } items)
            result["items"] = Of(items, Use.Whole, "");
        if (schema["properties"] is JsonObject properties)
            result["properties"] = new JsonObject(properties.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)Property(p.Value!))));
        if (schema["additionalProperties"] is { } others)
            result["additionalProperties"] = Of(others, Use.Whole, "");
        if (schema["required"] is JsonArray required)
            result["required"] = new JsonArray([.. required.Select(r => r!.GetValue<string>()).Where(r => !IsOtherWay(schema["properties"]?[r])).Select(r => (JsonNode)r)]);
        if (schema["allOf"] is JsonArray all)
            result["allOf"] = new JsonArray([.. all.Select(part => Of(part, IsBaseOf(part, owner) ? Use.Base : Use.Part, owner))]);
        if (use is not Use.Base)
            Choices(schema, result);
        if (closed && use is Use.Whole && schema["additionalProperties"] is null && schema.Any(p => p.Key is "properties" or "allOf" or "oneOf" or "discriminator"))
            result["unevaluatedProperties"] = false;
        return result;
    }

    /// <summary>With a discriminator the value decides which schema applies. Without one, several may: Atlas's own overlap, so any will do.</summary>
    private void Choices(JsonObject schema, JsonObject result)
    {
        if (schema["discriminator"]?["mapping"] is JsonObject mapping)
        {
            var property = schema["discriminator"]!["propertyName"]!.GetValue<string>();
            var rules = result["allOf"] as JsonArray ?? [];
            foreach (var (value, target) in mapping)
            {
                rules.Add((JsonNode)new JsonObject
                {
                    ["if"] = new JsonObject { ["required"] = new JsonArray(property), ["properties"] = new JsonObject { [property] = new JsonObject { ["const"] = value } } },
                    ["then"] = Reference(target!.GetValue<string>(), Use.Part),
                });
            }
            result["allOf"] = rules;
        }
        else if ((schema["oneOf"] ?? schema["anyOf"]) is JsonArray choices)
        {
            result["anyOf"] = new JsonArray([.. choices.Select(choice => Of(choice, Use.Part, ""))]);
            result.Remove("type"); // Atlas says object beside choices of strings.
        }
    }

    private JsonNode Property(JsonNode property)
        => direction is Direction.Answer && property["writeOnly"]?.GetValue<bool>() is true ? false : Of(property, Use.Whole, "");

    private bool IsOtherWay(JsonNode? property) => property?[direction is Direction.Answer ? "writeOnly" : "readOnly"]?.GetValue<bool>() is true;

    private bool IsBaseOf(JsonNode? part, string owner)
        => part?["$ref"]?.GetValue<string>() is { } reference && document.Find(reference) is JsonObject parent
            && OpenApi.References(parent["oneOf"]).Concat((parent["discriminator"]?["mapping"] as JsonObject ?? []).Select(m => m.Value!.GetValue<string>())).Contains(Prefix + owner);

    private JsonObject Reference(string reference, Use use)
    {
        var name = reference.StartsWith(Prefix, StringComparison.Ordinal) ? reference[Prefix.Length..] : reference;
        var definition = $"{name}.{use}";
        if (!definitions.ContainsKey(definition))
        {
            definitions[definition] = true; // A schema that holds itself finds its place taken.
            definitions[definition] = Of(document.Find(Prefix + name) ?? throw new InvalidOperationException($"No schema {name}."), use, name);
        }
        return new JsonObject { ["$ref"] = $"#/$defs/{definition}" };
    }

    private static void Limit(JsonObject schema, JsonObject result, string limit, string exclusive)
    {
        if (schema[exclusive] is JsonValue flag && flag.TryGetValue<bool>(out var excluded) && excluded)
        {
            result.Remove(limit);
            result[exclusive] = schema[limit]?.DeepClone();
        }
    }
}
