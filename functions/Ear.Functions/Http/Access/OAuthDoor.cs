using System.Text;
using Ear.Functions.Http.Requests;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Ear.Functions.Http.Access;

/// <summary>Access tokens for service accounts: OAuth2 client credentials (spec atlas-ear §2.0.2). Anybody may ask; the client's secret decides.</summary>
public sealed class OAuthDoor(ServiceAccountSignIn signIn, AccessTokens tokens, RevokedTokens revoked, ILogger<OAuthDoor> logger)
{
    private const int FormLimitBytes = 16384;

    [Function("createOAuthToken")]
    public async Task<IActionResult> Token(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "oauth/token")] HttpRequest request, CancellationToken cancellation)
    {
        if (await FormAsync(request, cancellation) is not { } form)
            return OAuthResult.Error(400, "invalid_request", "Send application/x-www-form-urlencoded with grant_type.");
        if (await ClientAsync(request, cancellation) is not { } account)
            return InvalidClient(request);
        if (!form.TryGetValue("grant_type", out var grant))
            return OAuthResult.Error(400, "invalid_request", "grant_type is missing.");
        if (grant != "client_credentials")
            return OAuthResult.Error(400, "unsupported_grant_type", "Only client_credentials is supported.");
        var (token, lifetime) = await tokens.IssueAsync(account.ClientId, cancellation);
        return OAuthResult.Token(token, lifetime);
    }

    /// <summary>200 for a token that is none, or somebody else's, too (RFC 7009 §2.2): it says nothing about it, and does nothing.</summary>
    [Function("revokeOAuthToken")]
    public async Task<IActionResult> Revoke(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "oauth/revoke")] HttpRequest request, CancellationToken cancellation)
    {
        if (await FormAsync(request, cancellation) is not { } form || !form.TryGetValue("token", out var text))
            return OAuthResult.Error(400, "invalid_request", "Send application/x-www-form-urlencoded with token.");
        if (await ClientAsync(request, cancellation) is not { } account)
            return InvalidClient(request);
        if (await tokens.ReadAsync(text.ToString(), cancellation) is { } token && token.ClientId == account.ClientId)
        {
            if (!await revoked.TryAddAsync(token, cancellation))
                return OAuthResult.Busy("Too many tokens are revoked already; let some of them end.", RevokedTokens.WorthWaiting);
            Log.TokenRevoked(logger, account.ClientId);
        }
        return OAuthResult.Done();
    }

    private static async Task<Dictionary<string, Microsoft.Extensions.Primitives.StringValues>?> FormAsync(HttpRequest request, CancellationToken cancellation)
        => request.ContentType is { } type && type.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase)
            && await JsonBody.ReadBytesAsync(request, FormLimitBytes, cancellation) is { } bytes
                ? QueryHelpers.ParseQuery(Encoding.UTF8.GetString(bytes))
                : null;

    /// <summary>Go's library url-escapes both parts, others do not; both are tried (§2.0.2).</summary>
    private async Task<ServiceAccount?> ClientAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (BasicCredentials.TryParse(request.Headers.Authorization.ToString()) is not { } sent)
            return null;
        return await signIn.ProveAsync(sent.ClientId, sent.Secret, cancellation)
            ?? (sent.Unescaped() is var plain && plain != sent ? await signIn.ProveAsync(plain.ClientId, plain.Secret, cancellation) : null);
    }

    private static OAuthResult InvalidClient(HttpRequest request)
    {
        request.HttpContext.Response.Headers.WWWAuthenticate = $"Basic realm=\"{ApiKeySecrets.Realm}\"";
        return OAuthResult.Error(401, "invalid_client", "Unknown client id or wrong secret.");
    }
}
