using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Ear.Functions.ApiDocument;

/// <summary>What a room says of its operations in the file beside its door; how it is written is said in CONTRIBUTING.md.</summary>
internal sealed record Fragment(TagText Tag, IReadOnlyDictionary<string, OperationText> Operations, IReadOnlyDictionary<string, JsonObject>? Schemas = null)
{
    /// <summary>The file, for messages.</summary>
    [JsonIgnore]
    public string Name { get; init; } = "";

    /// <exception cref="InvalidOperationException">A fragment that is none: it says which one, and where.</exception>
    public static Fragment Parse(string name, string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, FragmentJson.Default.Fragment)! with { Name = name };
        }
        catch (JsonException fault)
        {
            throw new InvalidOperationException($"{name}: {fault.Message}", fault);
        }
    }

    public static IReadOnlyList<Fragment> Embedded(Assembly assembly)
        => [.. assembly.GetManifestResourceNames().Where(n => n.StartsWith("api/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(n => Parse(n["api/".Length..], EmbeddedText.Of(assembly, n)))];
}

internal sealed record TagText(string Name, string? Description = null);

/// <param name="Role">Who may, in the words of <see cref="Ear.Projects.Role"/>; absent where nobody has to say who he is.</param>
/// <param name="Verb">The custom verb in the operation's id, where it is none of get, list, create, update and delete; or the standard one that the path hides.</param>
/// <param name="Conditional">Its answers tell the version of what they show as ETag, and a change may name it by If-Match.</param>
/// <param name="Paged">The answer is a page of <see cref="VersionText.Response"/>.</param>
/// <param name="Plain">Instead of <paramref name="Versions"/>: an operation whose media types have none.</param>
/// <param name="Errors">Beside 401 and 403 (with a role), 404 (with path parameters), 400 and 406 (with versions), 413 and 415 (with a body too), 412 (with If-Match), 422 (with Idempotency-Key), 429 and 500.</param>
/// <param name="Headers">Of its answers, names of common headers, beside RateLimit-* (with a role), ETag (conditional), Deprecation and Sunset (a deprecated version).</param>
/// <param name="RuleExceptions">Of an operation that is not Atlas's: which of MongoDB's API rules does not fit it, and why.</param>
/// <param name="PathRuleExceptions">The same of its path.</param>
internal sealed record OperationText(
    string Summary,
    string Description,
    string? Role = null,
    string? Verb = null,
    bool Paged = false,
    bool Conditional = false,
    IReadOnlyDictionary<string, ParameterText>? Parameters = null,
    IReadOnlyDictionary<string, VersionText>? Versions = null,
    PlainText? Plain = null,
    IReadOnlyList<int>? Errors = null,
    IReadOnlyList<string>? Headers = null,
    IReadOnlyDictionary<string, string>? RuleExceptions = null,
    IReadOnlyDictionary<string, string>? PathRuleExceptions = null);

/// <param name="In">header; path or query follow from the route.</param>
internal sealed record ParameterText(string Description, JsonObject Schema, string? In = null, bool Required = false);

/// <param name="Request">Name of a schema; absent: no body.</param>
/// <param name="Response">Name of a schema; absent: no body.</param>
/// <param name="Sunset">When it stops being served, <c>yyyy-MM-dd</c>.</param>
internal sealed record VersionText(int Status, string? Request = null, string? Response = null, bool Deprecated = false, string? Sunset = null);

/// <param name="Security">Name of another security scheme than the callers'.</param>
/// <param name="ErrorSchema">What refusals look like; absent: ApiError.</param>
internal sealed record PlainText(
    int Status,
    string? Request = null,
    string RequestType = "application/json",
    string? Response = null,
    string ResponseType = "application/json",
    string? Security = null,
    string? ErrorSchema = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Fragment))]
internal sealed partial class FragmentJson : JsonSerializerContext;
