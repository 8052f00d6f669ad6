using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Ear.Functions.Tests.ApiDocument;
using Ear.Functions.Tests.Contract.Samples;
using Ear.Functions.Tests.Http.World;

namespace Ear.Functions.Tests.Contract;

/// <summary>That the bounds in the document are the code's: what is one over a bound is refused, and the refusal names the field.</summary>
public sealed class BoundTests
{
    public static TheoryData<string, string> Cases =>
        [.. AllSamples.List.Where(s => s.Refusal is null && s.Version.Length > 0 && BodyOf(s) is { } schema && RequestBounds.In(schema).Any()).Select(s => new TheoryDataRow<string, string>(s.Operation, s.Version))];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_is_one_over_a_documented_bound_is_refused_by_its_name(string operation, string version)
    {
        await using var doors = await Doors.OpenAsync(new Dictionary<string, string?> { ["Ear:Http:RequestsPerSecond"] = "0" });
        using var owner = doors.WithKey();
        // Not held against the contract by itself: one bound that is not kept must not hide the others.
        using var sender = new HttpClient(new HttpClientHandler { Credentials = new NetworkCredential(doors.First.PublicKey, doors.First.PrivateKey) }) { BaseAddress = doors.Url };
        var sample = AllSamples.List.Single(s => s.Operation == operation && s.Version == version);
        var documented = OpenApi.Own.Operations.Single(o => o.Id == operation);
        var asked = await sample.Make(doors, owner);
        var faults = new List<string>();
        foreach (var bound in RequestBounds.In(BodyOf(sample)!))
        {
            var body = bound.Exceeded((JsonObject)JsonNode.Parse(asked.Body ?? "{}")!);
            var answer = await sender.SendJsonAsync(HttpMethod.Parse(documented.Method), asked.Path, body.ToJsonString(), $"application/vnd.atlas.{version}+json");
            if (answer.Status != 400 || !bound.Fields.Any(field => answer.Body!.ToJsonString().Contains(field, StringComparison.Ordinal)))
                faults.Add($"{bound} is not kept: {answer.Status} {answer.Body?.ToJsonString()}");
        }
        Assert.True(faults.Count == 0, string.Join('\n', faults.Select(f => f.Length > 400 ? f[..400] : f)));
    }

    [Fact]
    public void The_document_has_bounds_of_each_kind_to_exceed()
    {
        var all = OpenApi.Own.Operations.Select(o => o.Text["requestBody"]?["content"]).OfType<JsonObject>().SelectMany(c => c).SelectMany(m => RequestBounds.In(m.Value!["schema"]!)).ToList();

        Assert.All(RequestBounds.Kinds, kind => Assert.Contains(all, b => b.Kind == kind));
    }

    private static JsonNode? BodyOf(Sample sample)
        => OpenApi.Own.Operations.Single(o => o.Id == sample.Operation).Text["requestBody"]?["content"]?[$"application/vnd.atlas.{sample.Version}+json"]?["schema"];
}

/// <summary>The bounds of a request's schema, and bodies that exceed one of them.</summary>
/// <param name="Path">Names of fields; [] is an item of a list.</param>
/// <param name="Schema">Of what is bounded.</param>
internal sealed record RequestBounds(IReadOnlyList<string> Path, string Kind, JsonObject Schema)
{
    private const string Item = "[]";

    public static readonly string[] Kinds = ["maxItems", "maxLength", "maximum", "minimum"];

    /// <summary>It, and what it is in: a refusal may name either.</summary>
    public IEnumerable<string> Fields => Path.Where(p => p != Item);

    /// <summary>Each once, in objects, lists and their alternatives.</summary>
    public static IEnumerable<RequestBounds> In(JsonNode schema) => In(schema, [], []);

    public override string ToString() => $"{string.Join('.', Path)} {Kind} {Schema[Kind]}";

    /// <summary>The body with this one too much; what the way to it needs is made up.</summary>
    public JsonObject Exceeded(JsonObject body)
    {
        Put(body, 0);
        return body;
    }

    private void Put(JsonNode at, int step)
    {
        var last = step == Path.Count - 1;
        var next = last ? TooMuch(at is JsonObject holder ? holder[Path[step]] : null) : Child(at, step);
        if (at is JsonObject fields)
        {
            if (!ReferenceEquals(fields[Path[step]], next))
                fields[Path[step]] = next;
        }
        else if (at is JsonArray items)
        {
            if (items.Count == 0)
                items.Add(next);
            else if (!ReferenceEquals(items[0], next))
                items[0] = next;
        }
        if (!last)
            Put(next, step + 1);
    }

    private JsonNode Child(JsonNode at, int step)
    {
        var there = at is JsonObject fields ? fields[Path[step]] : at.AsArray().FirstOrDefault();
        return there is JsonObject or JsonArray ? there : Path[step + 1] == Item ? new JsonArray() : new JsonObject();
    }

    private JsonNode TooMuch(JsonNode? there)
    {
        var bound = Schema[Kind]!.GetValue<decimal>();
        return Kind switch
        {
            "maximum" => JsonValue.Create(bound + 1),
            "minimum" => JsonValue.Create(bound - 1),
            "maxLength" => JsonValue.Create(Long(there, (int)bound + 1)),
            _ => new JsonArray([.. Enumerable.Range(0, (int)bound + 1).Select(i => Made(Schema["items"]!, i))]),
        };
    }

    private string Long(JsonNode? there, int length)
    {
        var text = (Schema["example"] ?? there) is JsonValue value && value.TryGetValue<string>(out var said) && said.Length > 0 ? said : "a";
        return new StringBuilder(text).Append(text[^1], Math.Max(0, length - text.Length)).ToString();
    }

    /// <summary>An item of a list, unlike the others.</summary>
    private static JsonNode Made(JsonNode schema, int number)
    {
        var resolved = (JsonObject)OpenApi.Own.Resolved(schema);
        if (resolved["properties"] is JsonObject properties)
            return new JsonObject(properties.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)Made(p.Value!, number))));
        if (resolved["enum"] is JsonArray choices)
            return choices[number % choices.Count]!.DeepClone();
        return resolved["type"]?.GetValue<string>() switch
        {
            "boolean" => false,
            "integer" or "number" => resolved["minimum"]?.DeepClone() ?? 1,
            "array" => new JsonArray(),
            _ => resolved["example"]?.DeepClone() ?? $"a{number}",
        };
    }

    private static IEnumerable<RequestBounds> In(JsonNode node, IReadOnlyList<string> path, IReadOnlyList<JsonNode> within)
    {
        if (OpenApi.Own.Resolved(node) is not JsonObject schema || within.Contains(schema))
            yield break;
        JsonNode[] inside = [.. within, schema];
        if (path.Count > 0)
        {
            foreach (var kind in Kinds.Where(schema.ContainsKey))
                yield return new(path, kind, schema);
        }
        var parts = (schema["properties"] as JsonObject ?? []).Select(p => (p.Value!, (string[])[.. path, p.Key]))
            .Concat(schema["items"] is { } items ? [(items, [.. path, Item])] : [])
            .Concat(new[] { "allOf", "oneOf", "anyOf" }.SelectMany(many => schema[many] as JsonArray ?? []).Select(p => (p!, path.ToArray())));
        foreach (var bound in parts.SelectMany(p => In(p.Item1, p.Item2, inside)).DistinctBy(b => b.ToString()))
            yield return bound;
    }
}
