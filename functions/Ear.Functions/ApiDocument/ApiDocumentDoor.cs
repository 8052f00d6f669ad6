using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Ear.Functions.ApiDocument;

/// <summary>The API's own description. Anybody may read it, as Atlas's is public: it says what there is, not who has it.</summary>
public sealed class ApiDocumentDoor(ServedDocument document)
{
    [Function("getOpenApiDocument")]
    public IActionResult Document([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "atlas/v2/openapi.json")] HttpRequest request)
        => Answer(request, document.Json, "application/json");

    [Function("getApiReference")]
    public IActionResult Reference([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "atlas/v2/docs")] HttpRequest request)
    {
        // The page is made of our own words only; should markup ever slip into them, it can neither run nor load anything.
        request.HttpContext.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        return Answer(request, document.Page, "text/html; charset=utf-8");
    }

    private static IActionResult Answer(HttpRequest request, TaggedBytes found, string contentType)
    {
        var headers = request.HttpContext.Response.Headers;
        headers.ETag = found.ETag;
        headers.CacheControl = "no-cache";
        headers.XContentTypeOptions = "nosniff";
        return request.Headers.IfNoneMatch.Any(held => Matches(held, found.ETag))
            ? new StatusCodeResult(StatusCodes.Status304NotModified)
            : new FileContentResult(found.Bytes.ToArray(), contentType);
    }

    /// <summary>A list of tags, weak ones too, or any (RFC 9110 §13.1.2).</summary>
    private static bool Matches(string? held, string tag)
        => held is not null && held.Split(',', StringSplitOptions.TrimEntries).Any(h => h == "*" || h == tag || h == $"W/{tag}");
}
