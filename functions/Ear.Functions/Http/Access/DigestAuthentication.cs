using System.Security.Cryptography;
using System.Text;
using Ear.Projects;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;

namespace Ear.Functions.Http.Access;

/// <summary>API keys by HTTP Digest (spec atlas-ear §2.0.1).</summary>
public sealed class DigestAuthentication(DigestNonces nonces, NonceReplays replays, ICredentials credentials)
{
    /// <summary>Compared against when there is no such key, so that an unknown key takes as long as a wrong secret.</summary>
    private const string NobodysHa1 = "00000000000000000000000000000000";

    public async Task<Identity> AuthenticateAsync(HttpRequest request, string header, CancellationToken cancellation)
    {
        if (DigestHeader.TryParse(header) is not { } digest || !IsFor(request, digest.Uri)
            || await nonces.MadeAtAsync(digest.Nonce, cancellation) is not { } madeAt)
            return Identity.Refused;
        var key = await credentials.FindApiKeyAsync(digest.UserName, cancellation);
        if (!IsRight(digest, request.Method, key?.Ha1Md5 ?? NobodysHa1) || key is null)
            return Identity.Refused;
        if (!nonces.IsFresh(madeAt))
            return Identity.StaleNonce;
        return replays.Use(digest.Nonce, madeAt, digest.Count) switch
        {
            NonceUse.First => Identity.As(Caller.Of(key)),
            NonceUse.Stale => Identity.StaleNonce,
            _ => Identity.Refused,
        };
    }

    /// <summary>Exactly this text, its separators and its keys: the Go library behind Terraform and the CLI takes no other.</summary>
    public async ValueTask<string> ChallengeAsync(bool stale, CancellationToken cancellation)
        => $"Digest realm=\"{ApiKeySecrets.Realm}\", domain=\"\", nonce=\"{await nonces.MakeAsync(cancellation)}\", algorithm=MD5, qop=\"auth\", stale={(stale ? "true" : "false")}";

    private static bool IsRight(DigestHeader digest, string method, string ha1)
    {
        var ha2 = ApiKeySecrets.Md5Hex($"{method}:{digest.Uri}");
        var right = ApiKeySecrets.Md5Hex($"{ha1}:{digest.Nonce}:{digest.NonceCount}:{digest.ClientNonce}:auth:{ha2}");
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(right), Encoding.ASCII.GetBytes(digest.Response.ToLowerInvariant()));
    }

    /// <summary>The hash covers the target that the client names, so it has to be the one that is asked for: as sent, or as a proxy re-encoded it.</summary>
    private static bool IsFor(HttpRequest request, string uri)
        => uri == request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget || uri == request.GetEncodedPathAndQuery();
}

/// <summary>Who asks, or why nobody is believed to.</summary>
public sealed record Identity(Caller? Caller, bool Stale)
{
    public static Identity Refused { get; } = new(null, false);

    public static Identity StaleNonce { get; } = new(null, true);

    public static Identity As(Caller caller) => new(caller, false);
}
