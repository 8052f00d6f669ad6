using Ear.Outcomes;
using Ear.Projects;
using Microsoft.AspNetCore.Http;

namespace Ear.Functions.Http.Access;

/// <summary>
/// Finds out who asks: an API key by Digest, or a service account by Bearer token. A refusal leaves its challenge in the answer;
/// Digest's comes for everything but a Bearer token, because clients read only the first one.
/// </summary>
public sealed class Authenticator(DigestAuthentication digest, BearerAuthentication bearer)
{
    private const string BearerChallenge = $"Bearer realm=\"{ApiKeySecrets.Realm}\", error=\"invalid_token\"";

    public async Task<Outcome<Caller>> AuthenticateAsync(HttpRequest request, CancellationToken cancellation)
    {
        var header = request.Headers.Authorization.ToString();
        var isBearer = header.StartsWith(BearerAuthentication.Scheme, StringComparison.OrdinalIgnoreCase);
        var access = isBearer ? await bearer.AuthenticateAsync(header, cancellation)
            : header.Length > 0 ? await digest.AuthenticateAsync(request, header, cancellation)
            : Identity.Refused;
        if (access.Caller is { } caller)
            return caller;
        request.HttpContext.Response.Headers.WWWAuthenticate = isBearer ? BearerChallenge : await digest.ChallengeAsync(access.Stale, cancellation);
        return new Problem.Unauthenticated();
    }
}
