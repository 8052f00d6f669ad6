using Ear.Projects;

namespace Ear.Functions.Http.Access;

/// <summary>Service accounts by access token (spec atlas-ear §2.0.2).</summary>
public sealed class BearerAuthentication(AccessTokens tokens, RevokedTokens revoked, ICredentials credentials)
{
    public const string Scheme = "Bearer ";

    /// <summary>Tokens know their times to the second.</summary>
    private static readonly TimeSpan TokenGrain = TimeSpan.FromSeconds(1);

    public async Task<Identity> AuthenticateAsync(string header, CancellationToken cancellation)
    {
        if (await tokens.ReadAsync(header[Scheme.Length..].Trim(), cancellation) is not { } token
            || await revoked.ContainsAsync(token, cancellation)
            || await credentials.FindServiceAccountAsync(token.ClientId, cancellation) is not { } account
            // Of an account that was deleted, and made again by a repeated request.
            || token.Issued + TokenGrain < account.Created)
            return Identity.Refused;
        return Identity.As(Caller.Of(account));
    }
}
