using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ear.Local.Kms.Control;
using Ear.Local.Kms.Google.Accounts;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Ear.Local.Kms.Google.Rest;

/// <summary>What is not gRPC: the REST form of the service, and the token endpoint. A refusal becomes a JSON error here and nowhere else.</summary>
internal sealed class RestDoor(RestRoutes routes, GoogleCalls calls, TokenExchange tokens, ServiceClock clock)
{
    private const string Json = "application/json; charset=UTF-8";

    public async Task HandleAsync(HttpContext http)
    {
        // Clients may correct their clock by this header: it must tell the service's time, not the machine's.
        http.Response.Headers.Date = clock.Now.ToString("R");
        try
        {
            if (http.Request.Path == "/token")
                await TokenAsync(http);
            else
                await ApiAsync(http);
        }
        catch (GoogleRefusal refusal)
        {
            if (refusal.Code == StatusCode.Unauthenticated)
                http.Response.Headers.WWWAuthenticate = "Bearer realm=\"https://accounts.google.com/\"";
            await WriteAsync(http, refusal.Code.Http(), ErrorOf(refusal));
        }
    }

    private async Task ApiAsync(HttpContext http)
    {
        var request = RestRequest.TryParse(http.Request, await ReadAsync(http));
        if (request is null || routes.Find(request) is not { } route)
            throw new GoogleRefusal(StatusCode.NotFound, "Method not found.");
        if (await route(http, request) is { } answer)
            await WriteAsync(http, StatusCodes.Status200OK, RestJson.Write(answer, request.WantsEnumsAsNumbers));
    }

    private async Task TokenAsync(HttpContext http)
    {
        try
        {
            var form = http.Request.HasFormContentType ? await http.Request.ReadFormAsync(http.RequestAborted) : FormCollection.Empty;
            var assertion = form["assertion"].FirstOrDefault();
            // Not believed, only written down: the exchange checks it.
            var caller = assertion is null ? null : SignedJwt.TryParse(assertion)?.Issuer;
            var here = $"{http.Request.Scheme}://{http.Request.Host}/token";
            var token = await calls.RunAsync(
                http,
                "Token",
                () => new CallSubject(caller, caller is null ? [] : [caller]),
                () => tokens.Exchange(form["grant_type"].FirstOrDefault(), assertion, here),
                fault => new TokenRefusedException(fault.Code!, fault.Message ?? fault.Code!, fault.Status ?? 400));
            if (token is not null)
                await WriteAsync(http, StatusCodes.Status200OK, new JsonObject { ["access_token"] = token, ["expires_in"] = (int)AccessTokens.Lifetime.TotalSeconds, ["token_type"] = "Bearer" }.ToJsonString());
        }
        catch (TokenRefusedException refused)
        {
            await WriteAsync(http, refused.Status, new JsonObject { ["error"] = refused.Error, ["error_description"] = refused.Message }.ToJsonString());
        }
    }

    private static string ErrorOf(GoogleRefusal refusal)
    {
        var error = new JsonObject { ["code"] = refusal.Code.Http(), ["message"] = refusal.Message, ["status"] = refusal.Code.Name() };
        if (refusal.Details.Count > 0)
            error["details"] = new JsonArray([.. refusal.ToStatus().Details.Select(d => JsonNode.Parse(RestJson.Write(d, enumsAsNumbers: false)))]);
        return new JsonObject { ["error"] = error }.ToJsonString(JsonSerializerOptions.Web);
    }

    private static async Task WriteAsync(HttpContext http, int status, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        http.Response.StatusCode = status;
        http.Response.ContentType = Json;
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    private static async Task<byte[]> ReadAsync(HttpContext http)
    {
        using var buffer = new MemoryStream();
        try
        {
            await http.Request.Body.CopyToAsync(buffer, http.RequestAborted);
            return buffer.ToArray();
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw GoogleRefusal.Invalid("Request payload size exceeds the limit: 1048576 bytes.");
        }
    }
}
