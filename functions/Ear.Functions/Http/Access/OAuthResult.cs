using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;

namespace Ear.Functions.Http.Access;

/// <summary>The answers of RFC 6749 §5: never cached.</summary>
internal sealed class OAuthResult(int status, OAuthView? body, TimeSpan? wait = null) : IActionResult
{
    public static OAuthResult Token(string token, TimeSpan lifetime) => new(200, new(AccessToken: token, ExpiresIn: (int)lifetime.TotalSeconds, TokenType: "Bearer"));

    public static OAuthResult Error(int status, string error, string description) => new(status, new(Error: error, ErrorDescription: description));

    public static OAuthResult Busy(string description, TimeSpan wait) => new(429, new(Error: "temporarily_unavailable", ErrorDescription: description), wait);

    public static OAuthResult Done() => new(200, null);

    public async Task ExecuteResultAsync(ActionContext context)
    {
        var response = context.HttpContext.Response;
        response.StatusCode = status;
        response.Headers.CacheControl = "no-store";
        if (wait is { } left)
            response.Headers.RetryAfter = ((int)left.TotalSeconds).ToString();
        if (body is null)
            return;
        response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(response.Body, body, OAuthJson.Default.OAuthView, context.HttpContext.RequestAborted);
    }
}

internal sealed record OAuthView(
    string? AccessToken = null, int? ExpiresIn = null, string? TokenType = null, string? Error = null, string? ErrorDescription = null)
{
    public override string ToString() => $"{nameof(OAuthView)} {{ {Error} }}";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OAuthView))]
internal sealed partial class OAuthJson : JsonSerializerContext;
