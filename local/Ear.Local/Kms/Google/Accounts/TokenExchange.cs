using Ear.Local.Kms.Control;

namespace Ear.Local.Kms.Google.Accounts;

/// <summary>What the token endpoint says no with: OAuth's code and Google's text.</summary>
internal sealed class TokenRefusedException(string error, string description, int status = 400) : Exception(description)
{
    public string Error { get; } = error;

    public int Status { get; } = status;
}

/// <summary>A signed JWT of a service account for an access token (RFC 7523). Texts of refusals: spec kms §1.3.</summary>
internal sealed class TokenExchange(ServiceAccounts accounts, AccessTokens tokens, ServiceClock clock)
{
    private const string JwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    // Google.Apis.Auth keeps this audience whatever the token server is; older key files name the second one.
    private static readonly string[] GoogleAudiences = ["https://oauth2.googleapis.com/token", "https://www.googleapis.com/oauth2/v4/token", "https://accounts.google.com/o/oauth2/token"];
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(60);
    private static readonly TimeSpan AllowedSkew = TimeSpan.FromMinutes(5);

    /// <param name="here">The endpoint's own address, as the key files name it.</param>
    public string Exchange(string? grantType, string? assertion, string here)
    {
        if (string.IsNullOrEmpty(grantType))
            throw new TokenRefusedException("invalid_request", "Required parameter is missing: grant_type");
        if (grantType != JwtBearer)
            throw new TokenRefusedException("unsupported_grant_type", $"Invalid grant_type: {grantType}");
        if (string.IsNullOrEmpty(assertion))
            throw new TokenRefusedException("invalid_request", "Required parameter is missing: assertion");

        var jwt = SignedJwt.TryParse(assertion) ?? throw Invalid("Bad Request");
        // Google does not tell a disabled account from one that is not there.
        var account = jwt.Issuer is { } email && accounts.Find(email) is { Disabled: false } found ? found : throw Invalid("Invalid grant: account not found");
        if (jwt.Audience is null || !(GoogleAudiences.Contains(jwt.Audience) || jwt.Audience == here))
            throw Invalid("Invalid JWT: Failed audience check.");
        CheckTimes(jwt);
        if (!jwt.IsSignedBy(account))
            throw Invalid("Invalid JWT Signature.");
        if (jwt.Subject is { } subject && subject != account.Email)
            throw new TokenRefusedException("unauthorized_client", "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.", 401);
        if (string.IsNullOrWhiteSpace(jwt.Scope))
            throw new TokenRefusedException("invalid_scope", "Invalid OAuth scope or ID token audience provided.");
        return tokens.Create(account, jwt.Scope);
    }

    private void CheckTimes(SignedJwt jwt)
    {
        var now = clock.Now;
        if (jwt.IssuedAt is not { } issued || jwt.Expires is not { } expires || expires - issued > Longest || issued > now + AllowedSkew || expires < now - AllowedSkew || expires <= issued)
            throw Invalid("Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.");
    }

    private static TokenRefusedException Invalid(string description) => new("invalid_grant", description);
}
