using System.Text.Json.Nodes;
using Ear.Functions.Http.Requests;

namespace Ear.Functions.ApiDocument;

/// <summary>Which headers an operation reads and answers, as the doors do it for all (AtlasDoor, AtlasResult, RequestRates).</summary>
internal static class HeaderWords
{
    public const string IfMatch = "If-Match";
    private const string AnyRole = "any role";

    public static string OfRole(string? role) => role switch
    {
        null => "",
        AnyRole => " Every authenticated caller may.",
        _ => $" The caller needs the role {role}.",
    };

    /// <summary>Names of common parameters.</summary>
    public static IEnumerable<string> Sent(ServedOperation served, OperationText text)
    {
        if (text.Conditional && served.Method is "patch" or "put" or "delete")
            yield return IfMatch;
        if (served.Method == "post" && text.Role is not null && HasBody(text))
            yield return Idempotency.Header;
    }

    /// <summary>Of a success.</summary>
    public static JsonObject Answered(OperationText text)
    {
        var names = new List<string>();
        if (text.Role is not null)
            names.AddRange(["RateLimit-Limit", "RateLimit-Remaining"]);
        if (text.Conditional)
            names.Add("ETag");
        if (text.Versions is { } versions && versions.Values.Any(v => v.Deprecated))
            names.AddRange(["Deprecation", "Sunset"]);
        return Referring(names);
    }

    /// <summary>Of a refusal.</summary>
    public static JsonObject Refused(string status) => Referring(status is "429" or "503" ? ["Retry-After"] : []);

    private static bool HasBody(OperationText text) => text.Plain?.Request is not null || text.Versions is { } versions && versions.Values.Any(v => v.Request is not null);

    private static JsonObject Referring(IEnumerable<string> names)
        => new(names.Select(n => KeyValuePair.Create<string, JsonNode?>(n, new JsonObject { ["$ref"] = $"#/components/headers/{n}" })));
}
