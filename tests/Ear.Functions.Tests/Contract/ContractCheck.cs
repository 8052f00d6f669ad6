using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ear.Functions.Tests.ApiDocument;
using Json.Schema;

namespace Ear.Functions.Tests.Contract;

/// <summary>What a document says of requests and answers, held against real ones.</summary>
/// <param name="whole">The document claims to be all there is: a field, status or version that it does not name is a fault. Atlas's names more, and other refusals.</param>
internal sealed class ContractCheck(string name, OpenApi document, bool whole)
{
    private static readonly EvaluationOptions Options = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

    /// <summary>What the server itself says of the message.</summary>
    private static readonly FrozenSet<string> OfTransport =
        new[] { "Content-Type", "Content-Length", "Date", "Server", "Transfer-Encoding", "Connection" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The library resolves references through a registry that two builders at once confuse.</summary>
    private static readonly Lock Building = new();
    private readonly ConcurrentDictionary<(string, Direction), JsonSchema> schemas = new();

    public string Name => name;

    /// <summary>Empty: the answer is as documented, or the operation is none of the document's.</summary>
    /// <param name="headers">All of the answer's.</param>
    public IReadOnlyList<string> OfAnswer(string method, string pathAndQuery, int status, IReadOnlyDictionary<string, string> headers, JsonNode? body)
    {
        if (Operation(method, pathAndQuery) is not { } operation)
            return [];
        var contentType = headers.GetValueOrDefault("Content-Type");
        var faults = OfBody(operation, pathAndQuery, status, contentType, body);
        return whole ? [.. faults, .. OfHeaders(operation, pathAndQuery, status, headers, body)] : faults;
    }

    private IReadOnlyList<string> OfBody(DocumentedOperation operation, string pathAndQuery, int status, string? contentType, JsonNode? body)
    {
        return status >= 400 ? Refusal(operation, status, body) : Answer(operation, pathAndQuery, status, contentType, body);
    }

    /// <param name="version">The date of the body's media type.</param>
    public IReadOnlyList<string> OfRequest(string method, string pathAndQuery, string version, JsonNode? body)
    {
        if (Operation(method, pathAndQuery) is not { } operation)
            return [];
        if (operation.Text["requestBody"]?["content"]?[$"application/vnd.atlas.{version}+json"] is not JsonObject media)
            return [$"{operation.Id} takes no body in version {version}."];
        return Against(media["schema"]!, Direction.Request, body);
    }

    /// <summary>The one that has a word where others have a parameter, in the first segment in which they differ: /groups/byName/{name} before /groups/{groupId}/clusters.</summary>
    public DocumentedOperation? Operation(string method, string pathAndQuery)
    {
        var segments = pathAndQuery.Split('?')[0].Split('/');
        return document.Operations.Where(o => string.Equals(o.Method, method, StringComparison.OrdinalIgnoreCase) && Fits(o.Path.Split('/'), segments))
            .MinBy(o => string.Concat(o.Path.Split('/').Select(s => s.StartsWith('{') ? '1' : '0')), StringComparer.Ordinal);
    }

    /// <summary>Those that are sent are documented, those that are documented as required are sent, and those of a deprecated version are sent with it and with no other.</summary>
    private IEnumerable<string> OfHeaders(DocumentedOperation operation, string pathAndQuery, int status, IReadOnlyDictionary<string, string> headers, JsonNode? body)
    {
        if (Envelope(pathAndQuery, status, body) is { } envelope)
            status = envelope["status"]!.GetValue<int>();
        if (operation.Text["responses"]?[Key(status)] is not { } answer)
            yield break; // Said already.
        var documented = (document.Resolved(answer)["headers"] as JsonObject ?? []).ToDictionary(h => h.Key, h => document.Resolved(h.Value!), StringComparer.OrdinalIgnoreCase);
        foreach (var (header, value) in headers.Where(h => !OfTransport.Contains(h.Key)))
        {
            if (!documented.TryGetValue(header, out var described))
                yield return $"{operation.Id} answered {status} with the header {header}, which is not documented.";
            else
                foreach (var fault in Against(described["schema"]!, Direction.Answer, described["schema"]!["type"]!.GetValue<string>() is "integer" && long.TryParse(value, CultureInfo.InvariantCulture, out var number) ? JsonValue.Create(number) : JsonValue.Create(value)))
                    yield return $"{header} {fault}";
        }
        foreach (var (header, _) in documented.Where(d => d.Value["required"]?.GetValue<bool>() is true && !headers.ContainsKey(d.Key)))
            yield return $"{operation.Id} answered {status} without the header {header}.";
        var media = headers.TryGetValue("Content-Type", out var type) ? document.Resolved(answer)["content"]?[type.Split(';')[0].Trim()] : null;
        if (media is not null && (media["x-deprecated"]?.GetValue<bool>() is true) != (headers.ContainsKey("Deprecation") && headers.ContainsKey("Sunset")))
            yield return $"{operation.Id} answered {type} {(media["x-deprecated"] is null ? "with" : "without")} Deprecation and Sunset.";
        if (media?["x-sunset"]?.GetValue<string>() is { } sunset && headers.TryGetValue("Sunset", out var told) && !told.StartsWith(DateOnly.Parse(sunset, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture)[..16], StringComparison.Ordinal))
            yield return $"{operation.Id} answered Sunset {told}; documented is {sunset}.";
    }

    private IReadOnlyList<string> Refusal(DocumentedOperation operation, int status, JsonNode? body)
    {
        if (operation.Text["responses"]?[Key(status)] is { } refusal)
            return document.Resolved(refusal)["content"]?["application/json"]?["schema"] is { } schema ? Against(schema, Direction.Answer, body) : [];
        return whole
            ? [$"{operation.Id} refused with {status}, which is not among its errors."]
            : Against(document.Find("#/components/schemas/ApiError")!, Direction.Answer, body);
    }

    private IReadOnlyList<string> Answer(DocumentedOperation operation, string pathAndQuery, int status, string? contentType, JsonNode? body)
    {
        if (Envelope(pathAndQuery, status, body) is { } envelope)
            (status, body) = Unwrapped(envelope);
        if (operation.Text["responses"]?[Key(status)] is not { } documented)
            return [$"{operation.Id} answered {status}; documented are {string.Join(", ", ((JsonObject)operation.Text["responses"]!).Select(r => r.Key))}."];
        if (contentType is null)
            return body is null ? [] : [$"{operation.Id} answered a body without a media type."];
        var content = document.Resolved(documented)["content"] as JsonObject ?? [];
        if (content[contentType.Split(';')[0].Trim()] is not { } media)
            return [$"{operation.Id} answered {contentType}; documented are {string.Join(", ", content.Select(c => c.Key))}."];
        if (media["schema"] is { } schema)
            return Against(schema, Direction.Answer, body);
        return body is null or JsonObject { Count: 0 } ? [] : [$"{operation.Id} answered a body, but none is documented."];
    }

    private IReadOnlyList<string> Against(JsonNode schema, Direction direction, JsonNode? body)
    {
        var key = schema["$ref"]?.GetValue<string>() ?? schema.ToJsonString();
        var converted = schemas.GetOrAdd((key, direction), _ =>
        {
            lock (Building)
                return JsonSchema.FromText(new JsonSchemaOf(document, direction, whole && direction is Direction.Answer).Convert(schema).ToJsonString());
        });
        var result = converted.Evaluate(JsonSerializer.SerializeToElement(body), Options);
        if (result.IsValid)
            return [];
        var faults = (result.Details ?? []).Append(result).Where(d => d is { IsValid: false, Errors.Count: > 0 } && !d.EvaluationPath.ToString().Contains("/if", StringComparison.Ordinal))
            .SelectMany(d => d.Errors!.Select(e => $"at '{d.InstanceLocation}': {e.Key}: {e.Value} ({d.EvaluationPath})"))
            .Distinct(StringComparer.Ordinal).Take(12).ToArray();
        return faults.Length > 0 ? faults : ["The body does not fit its schema."];
    }

    private static JsonObject? Envelope(string pathAndQuery, int status, JsonNode? body)
        => status < 400 && pathAndQuery.Contains("envelope=true", StringComparison.Ordinal) && body is JsonObject envelope && envelope["status"] is JsonValue said && said.TryGetValue<int>(out _) ? envelope : null;

    /// <summary>The status and the answer itself; of a list, the status stands beside the list's own fields.</summary>
    private static (int Status, JsonNode? Body) Unwrapped(JsonObject envelope)
    {
        var status = envelope["status"]!.GetValue<int>();
        return (status, envelope["content"] is { } content ? content.DeepClone() : new JsonObject(envelope.Where(p => p.Key != "status").Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone()))));
    }

    private static bool Fits(string[] template, string[] path)
        => template.Length == path.Length && template.Zip(path).All(s => s.First == s.Second || (s.First.StartsWith('{') && s.Second.Length > 0));

    private static string Key(int status) => status.ToString(CultureInfo.InvariantCulture);
}
