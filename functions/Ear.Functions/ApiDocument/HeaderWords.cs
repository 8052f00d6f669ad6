using System.Text.Json.Nodes;
using Ear.Functions.Http.Requests;

namespace Ear.Functions.ApiDocument;

/// <summary>Which headers an operation reads and answers, as the doors do it for all (AtlasDoor, AtlasResult, RequestRates).</summary>
internal static class HeaderWords
{
    public const string IfMatch = "If-Match";
    public const string IfNoneMatch = "If-None-Match";
    private const string RetryAfter = "Retry-After";
    private const string AnyRole = "any role";
    private static readonly string[] Rates = ["RateLimit-Limit", "RateLimit-Remaining"];

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
    public static JsonObject Answered(ServedOperation served, OperationText text)
    {
        var names = new List<string>(text.Headers ?? []);
        if (text.Role is not null)
            names.AddRange(Rates);
        if (text.Conditional && served.Method is not "delete")
            names.Add("ETag");
        if (text.Versions is { } versions && versions.Values.Any(v => v.Deprecated))
            names.AddRange(["Deprecation", "Sunset"]);
        return Referring(names);
    }

    /// <summary>Of a refusal, which most operations share: who is known has a rate, and is told what is left of it.</summary>
    public static JsonObject Refused(string status)
    {
        var headers = Referring([.. Rates, .. Refusing(status)]);
        if (MayPass(status))
            headers[RetryAfter] = new JsonObject { ["$ref"] = $"#/components/headers/{RetryAfter}-If-Passing" };
        return headers;
    }

    /// <summary>Of a refusal in another protocol's words.</summary>
    public static JsonObject Refused(string status, OperationText text) => Referring([.. text.Headers ?? [], .. Refusing(status)]);

    private static string[] Refusing(string status) => status switch
    {
        "401" => ["WWW-Authenticate"],
        "429" or "503" => [RetryAfter],
        _ => [],
    };

    /// <summary>What is wrong may pass by itself: a change of a role takes its time, and so does somebody else's change.</summary>
    private static bool MayPass(string status) => status is "400" or "409";

    private static bool HasBody(OperationText text) => text.Plain?.Request is not null || text.Versions is { } versions && versions.Values.Any(v => v.Request is not null);

    private static JsonObject Referring(IEnumerable<string> names)
        => new(names.Select(n => KeyValuePair.Create<string, JsonNode?>(n, new JsonObject { ["$ref"] = $"#/components/headers/{n}" })));
}
