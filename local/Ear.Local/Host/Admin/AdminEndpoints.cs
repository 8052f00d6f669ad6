using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Local.Host.Admin;

/// <summary><c>POST /admin/functions/{name}</c> with the master key runs a function that is not an HTTP function now, as on Azure.</summary>
internal static class AdminEndpoints
{
    /// <summary>A larger input is not an administrator's.</summary>
    private const int MaxBodyBytes = 256 * 1024;

    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/admin/functions/{name}", RunAsync).WithDisplayName("Admin.RunFunction");

    private static async Task RunAsync(HttpContext http)
    {
        var services = http.RequestServices;
        if (!services.GetRequiredService<HostKeys>().Allow(http.Request, AuthorizationLevel.Admin))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        if (services.GetRequiredService<FunctionRegistry>().Find((string)http.Request.RouteValues["name"]!) is not { } function)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (await ReadInputAsync(http) is not { } input)
        {
            await RefuseAsync(http, "The body must be JSON of the form {\"input\":\"text\"}, at most 256 KiB.");
            return;
        }

        if (await function.Function.Trigger.RunNowAsync(function, input, services.GetRequiredService<RootServices>().Provider) is { } refusal)
            await RefuseAsync(http, refusal);
        else
            http.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    /// <summary>The text of <c>input</c>; empty when absent or when there is no body; null when the body is something else.</summary>
    private static async Task<string?> ReadInputAsync(HttpContext http)
    {
        if (http.Request.ContentLength is 0 or > MaxBodyBytes)
            return http.Request.ContentLength is 0 ? "" : null;
        try
        {
            using var body = new MemoryStream();
            var buffer = new byte[4096];
            for (int read; (read = await http.Request.Body.ReadAsync(buffer, http.RequestAborted)) > 0;)
            {
                if (body.Length + read > MaxBodyBytes)
                    return null;
                body.Write(buffer, 0, read);
            }

            if (body.Length == 0)
                return "";
            using var document = JsonDocument.Parse(body.GetBuffer().AsMemory(0, (int)body.Length));
            return document.RootElement.ValueKind != JsonValueKind.Object ? null
                : !document.RootElement.TryGetProperty("input", out var input) || input.ValueKind == JsonValueKind.Null ? ""
                : input.ValueKind == JsonValueKind.String ? input.GetString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Task RefuseAsync(HttpContext http, string why)
    {
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        return http.Response.WriteAsJsonAsync(new { error = why }, http.RequestAborted);
    }
}

/// <summary>The host's services, for runs that outlive the request that asked for them.</summary>
internal sealed record RootServices(IServiceProvider Provider);
