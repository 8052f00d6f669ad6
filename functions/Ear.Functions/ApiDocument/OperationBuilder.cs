using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Ear.Functions.ApiDocument;

/// <summary>One operation of the document.</summary>
internal sealed class OperationBuilder(CommonParts common, SchemaShapes shapes, List<string> faults)
{
    public const string RuleException = "x-xgen-IPA-exception";
    private const int NotChanged = 304;
    private const string VersionMark = "x-xgen-version";
    private static readonly string[] Standard = ["get", "list", "create", "update", "delete"];
    private static readonly string[] PagingParameters = ["includeCount", "itemsPerPage", "pageNum"];
    private static readonly string[] FormParameters = ["envelope", "pretty"];

    public JsonObject Build(ServedOperation served, Fragment fragment, OperationText text)
    {
        var result = new JsonObject
        {
            ["operationId"] = served.Id,
            ["summary"] = text.Summary,
            ["description"] = $"{text.Description}{HeaderWords.OfRole(text.Role)}",
            ["tags"] = new JsonArray(fragment.Tag.Name),
            ["parameters"] = Parameters(served, fragment, text),
        };
        if (RequestBody(served, text) is { } body)
            result["requestBody"] = body;
        result["responses"] = Responses(served, fragment, text);
        result["security"] = Security(text);
        if (text.Versions is { Count: > 0 } versions && versions.Values.All(v => v.Deprecated))
            result["deprecated"] = true;
        if (text.Role is not null)
            result["x-rolesRequirements"] = new JsonArray(text.Role);
        if (text.Verb is { } verb)
            result["x-xgen-method-verb-override"] = new JsonObject { ["verb"] = verb, ["customMethod"] = !Standard.Contains(verb) };
        if (text.RuleExceptions is { } unfit)
            result[RuleException] = RuleExceptions(unfit);
        if (OperationNames.Short(served.Id) is { } shorter)
            result["x-xgen-operation-id-override"] = shorter;
        if (text.Versions is { Count: > 0 } == text.Plain is not null)
            faults.Add($"{fragment.Name}: {served.Id} needs either versions or plain.");
        return result;
    }

    /// <summary>As MongoDB's API rules want to be told of what is not theirs.</summary>
    public static JsonObject RuleExceptions(IReadOnlyDictionary<string, string> reasons)
        => new(reasons.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => KeyValuePair.Create($"xgen-{r.Key}", (JsonNode?)r.Value)));

    private JsonArray Parameters(ServedOperation served, Fragment fragment, OperationText text)
    {
        var own = text.Parameters ?? ImmutableDictionary<string, ParameterText>.Empty;
        var result = new JsonArray();
        foreach (var name in served.PathParameters)
        {
            if (own.TryGetValue(name, out var described))
                result.Add((JsonNode)Parameter(name, "path", described with { Required = true }));
            else if (common.HasParameter(name))
                result.Add((JsonNode)Common(name));
            else
                faults.Add($"{fragment.Name}: {served.Id} does not describe its path parameter {name}.");
        }
        foreach (var (name, described) in own.Where(p => !served.PathParameters.Contains(p.Key)))
            result.Add((JsonNode)Parameter(name, described.In ?? "query", described));
        foreach (var name in HeaderWords.Sent(served, text).Concat(text.Paged ? PagingParameters : []).Concat(text.Versions is null ? [] : FormParameters).Where(n => !own.ContainsKey(n)))
            result.Add((JsonNode)Common(name));
        return result;
    }

    private JsonObject Parameter(string name, string place, ParameterText text)
    {
        var schema = shapes.Inline(text.Schema);
        var result = new JsonObject
        {
            ["name"] = name,
            ["in"] = place,
            ["description"] = SchemaShapes.Described(text.Description, schema["format"]?.GetValue<string>()),
            ["schema"] = schema,
        };
        if (text.Required)
            result["required"] = true;
        return result;
    }

    private JsonObject? RequestBody(ServedOperation served, OperationText text)
    {
        var shape = served.Method == "patch" ? Shape.UpdateRequest : Shape.Request;
        var content = new JsonObject();
        foreach (var (date, version) in Versions(text).Where(v => v.Value.Request is not null))
            content[MediaType(date)] = new JsonObject { ["schema"] = shapes.Body(version.Request!, shape), [VersionMark] = date };
        if (text.Plain is { Request: { } request } plain)
            content[plain.RequestType] = new JsonObject { ["schema"] = shapes.Body(request, shape) };
        return content.Count == 0 ? null : new JsonObject { ["required"] = true, ["content"] = content };
    }

    private JsonObject Responses(ServedOperation served, Fragment fragment, OperationText text)
    {
        var result = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var status in Versions(text).GroupBy(v => v.Value.Status))
        {
            var content = new JsonObject(status.Select(v => KeyValuePair.Create(MediaType(v.Key), (JsonNode?)Answer(v.Key, v.Value, text.Paged))));
            result[CommonParts.Key(status.Key)] = new JsonObject { ["description"] = Words(status.Key), ["headers"] = HeaderWords.Answered(served, text), ["content"] = content };
        }
        if (text.Plain is { } plain)
            result[CommonParts.Key(plain.Status)] = Answer(served, plain, text);
        if (text.Parameters?.ContainsKey(HeaderWords.IfNoneMatch) is true)
            result[CommonParts.Key(NotChanged)] = new JsonObject { ["description"] = Words(NotChanged), ["headers"] = HeaderWords.Answered(served, text) };
        foreach (var status in Refusals(served, text))
        {
            if (common.RefusalWords(status) is not { } words)
                faults.Add($"{fragment.Name}: {served.Id} refuses with {status}, for which common.json has no words.");
            else
                result[CommonParts.Key(status)] = text.Plain?.ErrorSchema is { } own
                    ? CommonParts.Refusal(words, HeaderWords.Refused(CommonParts.Key(status), text), shapes.AsIs(own))
                    : new JsonObject { ["$ref"] = $"#/components/responses/{status}" };
        }
        return new JsonObject(result);
    }

    private JsonObject Answer(string date, VersionText version, bool paged)
    {
        var answer = new JsonObject { [VersionMark] = date };
        if (version.Response is { } response)
            answer["schema"] = paged ? shapes.Page(response) : shapes.Body(response, Shape.Response);
        if (version.Deprecated)
            answer["x-deprecated"] = true;
        if (version.Sunset is { } sunset)
            answer["x-sunset"] = sunset;
        return answer;
    }

    private JsonObject Answer(ServedOperation served, PlainText plain, OperationText text)
    {
        var answer = new JsonObject { ["description"] = Words(plain.Status), ["headers"] = HeaderWords.Answered(served, text) };
        if (plain.Response is { } response)
            answer["content"] = new JsonObject { [plain.ResponseType] = new JsonObject { ["schema"] = text.Paged ? shapes.Page(response) : shapes.Body(response, Shape.Response) } };
        return answer;
    }

    private static IEnumerable<int> Refusals(ServedOperation served, OperationText text)
    {
        var refusals = new SortedSet<int>(text.Errors ?? []) { 500 };
        if (text.Role is not null)
            refusals.UnionWith([401, 403, 429]);
        if (served.PathParameters.Count > 0)
            refusals.Add(404);
        foreach (var header in HeaderWords.Sent(served, text))
            refusals.Add(header == HeaderWords.IfMatch ? 412 : 422);
        if (text.Versions is { } versions)
            refusals.UnionWith(versions.Values.Any(v => v.Request is not null) ? [400, 406, 413, 415] : [400, 406]);
        return refusals;
    }

    /// <summary>An empty list says that nobody has to say who he is.</summary>
    private static JsonArray Security(OperationText text)
    {
        if (text.Plain?.Security is { } other)
            return new JsonArray(Scheme(other));
        return text.Role is null ? [] : new JsonArray(Scheme("DigestAuth"), Scheme("ServiceAccounts"));
    }

    private static JsonObject Scheme(string name) => new() { [name] = new JsonArray() };

    private static JsonObject Common(string name) => new() { ["$ref"] = $"#/components/parameters/{name}" };

    private static IEnumerable<KeyValuePair<string, VersionText>> Versions(OperationText text)
        => (text.Versions ?? ImmutableDictionary<string, VersionText>.Empty).OrderBy(v => v.Key, StringComparer.Ordinal);

    private static string MediaType(string date) => $"application/vnd.atlas.{date}+json";

    private static string Words(int status) => status switch
    {
        200 => "Done.",
        201 => "Made.",
        202 => "Accepted: it happens from now on.",
        204 => "Done; there is nothing to say.",
        NotChanged => "Not changed.",
        _ => "The answer.",
    };
}
