using System.Text.Json.Nodes;

namespace Ear.Functions.ApiDocument;

/// <summary>How a schema is used. A name that says so already stays; otherwise the shape is said at its end, as Atlas's API rules ask.</summary>
internal enum Shape
{
    /// <summary>An answer: without what is only written.</summary>
    Response,

    /// <summary>A whole body: without what is only read.</summary>
    Request,

    /// <summary>The body of a PATCH: what is not in it stays, so nothing is required.</summary>
    UpdateRequest,
}

/// <summary>
/// Makes the document's schemas of those that the rooms describe, each once for each shape in which it is used: rooms describe a
/// resource once, with <c>readOnly</c> and <c>writeOnly</c>, and clients get types that hold what can be sent and what comes.
/// </summary>
internal sealed class SchemaShapes(IReadOnlyDictionary<string, JsonObject> sources)
{
    private const string Prefix = "#/components/schemas/";
    private const string IsoSentence = " It is in ISO 8601 format and UTC.";
    private static readonly string[] Unschematic = ["example", "examples", "enum", "default", "required"];
    private readonly SortedDictionary<string, JsonNode?> made = new(StringComparer.Ordinal);
    private readonly HashSet<string> used = new(StringComparer.Ordinal);
    private readonly HashSet<string> dangling = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> Dangling => dangling;

    public IEnumerable<string> Unused => sources.Keys.Where(n => !used.Contains(n));

    public JsonObject ToJson() => new(made);

    /// <summary>A reference to the schema as the body of a request or an answer.</summary>
    public JsonObject Body(string name, Shape shape)
    {
        var own = name.EndsWith(nameof(Shape.Request), StringComparison.Ordinal) || name.EndsWith(nameof(Shape.Response), StringComparison.Ordinal);
        return Make(name, own ? name : name + shape, shape);
    }

    /// <summary>A page of answers, as all lists are.</summary>
    public JsonObject Page(string name)
    {
        var page = $"Paginated{name}";
        if (!made.ContainsKey(page))
        {
            made[page] = new JsonObject();
            made[page] = new JsonObject
            {
                ["type"] = "object",
                ["description"] = "One page of a list.",
                ["required"] = new JsonArray("links", "results"),
                ["properties"] = new JsonObject
                {
                    ["links"] = Part("Links", Shape.Response),
                    ["results"] = new JsonObject
                    {
                        ["type"] = "array",
                        ["description"] = "The items of this page.",
                        ["maxItems"] = 500,
                        ["items"] = Body(name, Shape.Response),
                    },
                    ["totalCount"] = new JsonObject
                    {
                        ["type"] = "integer",
                        ["format"] = "int32",
                        ["minimum"] = 0,
                        ["description"] = "How many items the whole list has; absent with includeCount=false.",
                    },
                },
            };
        }
        return Reference(page);
    }

    /// <summary>A reference to the schema as it is, whatever it is used for.</summary>
    public JsonObject AsIs(string name) => Make(name, name, null);

    /// <summary>A schema that is written where it is used: of a parameter.</summary>
    public JsonObject Inline(JsonObject schema) => (JsonObject)Shaped(schema, null)!;

    /// <summary>Of a property or parameter: the sentence that every time has to say.</summary>
    public static string Described(string description, string? format)
        => format == "date-time" && !description.Contains("ISO 8601", StringComparison.Ordinal) ? description + IsoSentence : description;

    private JsonObject Make(string source, string name, Shape? shape)
    {
        used.Add(source);
        if (!sources.TryGetValue(source, out var schema))
        {
            dangling.Add(source);
        }
        else if (!made.ContainsKey(name))
        {
            made[name] = new JsonObject(); // A schema that holds itself finds its place taken.
            var shaped = (JsonObject)Shaped(schema, shape)!;
            if (shape is Shape.UpdateRequest)
                shaped.Remove("required");
            made[name] = shaped;
        }
        return Reference(name);
    }

    /// <summary>A schema within another one: of its own shape only where the shapes differ.</summary>
    private JsonObject Part(string name, Shape? shape)
    {
        var within = shape is Shape.UpdateRequest ? Shape.Request : shape;
        return within is { } differing && Differs(name, [])
            ? Body(name, differing)
            : Make(name, name, null);
    }

    private bool Differs(string name, HashSet<string> seen)
        => seen.Add(name) && sources.TryGetValue(name, out var schema) && Differs(schema, seen);

    private bool Differs(JsonNode? node, HashSet<string> seen) => node switch
    {
        JsonObject part => part.Any(p => p.Key is "readOnly" or "writeOnly" && p.Value?.GetValueKind() is System.Text.Json.JsonValueKind.True)
            || (Target(part) is { } target && Differs(target, seen)) || part.Any(p => !Unschematic.Contains(p.Key) && Differs(p.Value, seen)),
        JsonArray items => items.Any(i => Differs(i, seen)),
        _ => false,
    };

    private JsonNode? Shaped(JsonNode? node, Shape? shape) => node switch
    {
        JsonObject schema when Target(schema) is { } target => Referring(schema, target, shape),
        JsonObject schema => Whole(schema, shape),
        JsonArray items => new JsonArray([.. items.Select(i => Shaped(i, shape))]),
        _ => node?.DeepClone(),
    };

    private JsonObject Whole(JsonObject schema, Shape? shape)
    {
        var left = new HashSet<string>(StringComparer.Ordinal);
        var result = new JsonObject();
        foreach (var (key, value) in schema)
        {
            result[key] = key switch
            {
                "properties" => Properties((JsonObject)value!, shape, left),
                "mapping" => new JsonObject([.. ((JsonObject)value!).Select(m => KeyValuePair.Create(m.Key, (JsonNode?)Mapped(m.Value!.GetValue<string>(), shape)))]),
                _ when Unschematic.Contains(key) => value?.DeepClone(),
                _ => Shaped(value, shape),
            };
        }
        if (result["required"] is JsonArray required)
        {
            foreach (var gone in required.Where(r => left.Contains(r!.GetValue<string>())).ToArray())
                required.Remove(gone);
            if (required.Count == 0)
                result.Remove("required");
        }
        return result;
    }

    private JsonObject Properties(JsonObject properties, Shape? shape, HashSet<string> left)
    {
        var unwanted = shape switch { Shape.Response => "writeOnly", null => null, _ => "readOnly" };
        var result = new JsonObject();
        foreach (var (name, value) in properties)
        {
            if (unwanted is not null && value?[unwanted]?.GetValue<bool>() is true)
            {
                left.Add(name);
                continue;
            }
            var property = Shaped(value, shape);
            if (property?["description"] is JsonValue words)
                property["description"] = Described(words.GetValue<string>(), property["format"]?.GetValue<string>());
            result[name] = property;
        }
        return result;
    }

    /// <summary>OpenAPI 3.0 ignores what stands beside a <c>$ref</c>: simple types are written out, others wrapped.</summary>
    private JsonObject Referring(JsonObject schema, string target, Shape? shape)
    {
        if (schema.Count == 1)
            return Part(target, shape);
        var beside = schema.Where(p => p.Key != "$ref").Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone()));
        if (sources.GetValueOrDefault(target) is { } simple && !simple.Any(p => p.Key is "properties" or "items" or "oneOf" or "allOf" or "anyOf" or "additionalProperties"))
        {
            used.Add(target);
            var written = (JsonObject)simple.DeepClone();
            foreach (var (key, value) in beside)
                written[key] = value;
            return written;
        }
        return new JsonObject([.. beside.Prepend(KeyValuePair.Create<string, JsonNode?>("allOf", new JsonArray(Part(target, shape))))]);
    }

    private string Mapped(string reference, Shape? shape)
        => Part(reference.StartsWith(Prefix, StringComparison.Ordinal) ? reference[Prefix.Length..] : reference, shape)["$ref"]!.GetValue<string>();

    private static string? Target(JsonObject schema)
        => schema["$ref"] is JsonValue text && text.TryGetValue<string>(out var reference)
            ? reference.StartsWith(Prefix, StringComparison.Ordinal) ? reference[Prefix.Length..] : reference
            : null;

    private static JsonObject Reference(string name) => new() { ["$ref"] = Prefix + name };
}
