using Ear.Local.Kms.Control;
using Grpc.Core;

namespace Ear.Local.Kms.Google.Accounts;

/// <summary>Who sent a request: by an access token, or by a JWT that the account signed itself, as Google's SDKs send it by default.</summary>
internal sealed class Bearers(ServiceAccounts accounts, AccessTokens tokens, ServiceClock clock)
{
    private const string Service = "cloudkms.googleapis.com";
    private const string Audience = $"https://{Service}/";
    private const string See = "Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.";
    private static readonly TimeSpan AllowedSkew = TimeSpan.FromMinutes(5);

    /// <param name="authorization">The header.</param>
    /// <param name="operation">For the details of a refusal.</param>
    /// <exception cref="GoogleRefusal">UNAUTHENTICATED, or PERMISSION_DENIED when the token is for something else.</exception>
    public GoogleCaller Identify(string? authorization, string operation)
    {
        if (authorization is null || !authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            throw Refused($"Request is missing required authentication credential. {See}", "CREDENTIALS_MISSING", operation);
        var bearer = authorization["Bearer ".Length..].Trim();
        var (account, expires, scoped) = tokens.Open(bearer) is { } token ? ByToken(token) : BySelfSigned(bearer);
        if (account is null)
            throw Invalid("ACCESS_TOKEN_TYPE_UNSUPPORTED", operation);
        if (account.Disabled)
            throw Invalid("ACCOUNT_STATE_INVALID", operation);
        if (expires <= clock.Now)
            throw Invalid("ACCESS_TOKEN_EXPIRED", operation);
        return scoped
            ? new GoogleCaller(account.Email)
            : throw new GoogleRefusal(StatusCode.PermissionDenied, "Request had insufficient authentication scopes.", Info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", operation));
    }

    private (ServiceAccount? Account, DateTimeOffset Expires, bool Scoped) ByToken(AccessToken token) =>
        (accounts.Find(token.Email) is { } account && account.UniqueId == token.UniqueId ? account : null, token.Expires, Scopes.Suffice(token.Scope));

    private (ServiceAccount? Account, DateTimeOffset Expires, bool Scoped) BySelfSigned(string bearer)
    {
        var jwt = SignedJwt.TryParse(bearer);
        if (jwt is not { Issuer: { } issuer, Expires: { } expires, IssuedAt: { } issued } || jwt.Subject != issuer || issued > clock.Now + AllowedSkew
            || expires - issued > TimeSpan.FromHours(1) || accounts.Find(issuer) is not { } account || !jwt.IsSignedBy(account))
            return (null, default, false);
        // Either for this service by its audience, or for scopes (spec kms §1.3).
        return (account, expires, Scopes.Suffice(jwt.Scope) || jwt.Audience?.StartsWith(Audience, StringComparison.Ordinal) == true);
    }

    private static GoogleRefusal Invalid(string reason, string operation) =>
        Refused($"Request had invalid authentication credentials. {See}", reason, operation);

    private static GoogleRefusal Refused(string message, string reason, string operation) => new(StatusCode.Unauthenticated, message, Info(reason, operation));

    private static global::Google.Rpc.ErrorInfo Info(string reason, string operation) => GoogleRefusal.Info(
        reason, "googleapis.com", ("service", Service), ("method", $"google.cloud.kms.v1.KeyManagementService.{operation}"));
}
