using System.Collections.Concurrent;
using Azure.Core;
using Azure.Security.KeyVault.Keys;
using Ear.CustomerKeys;
using Ear.Providers.Kms;

namespace Ear.Providers.AzureKeyVault;

/// <summary>Whose token: two keys with an equal name share it.</summary>
/// <param name="SecretName">Null: Ear's own application.</param>
internal readonly record struct EntraName(AzureEnvironment Environment, string TenantId, string ClientId, string? SecretName)
{
    public AzureStep Step => SecretName is null ? AzureStep.EntraOwn : AzureStep.Entra;

    public static EntraName Of(CustomerKey.Azure key) => key.Access switch
    {
        AzureAccess.ClientSecret secret => new(key.Environment, key.TenantId, secret.ClientId, secret.SecretName),
        AzureAccess.ServicePrincipal own => new(key.Environment, key.TenantId, own.AppId, null),
        _ => throw new ArgumentOutOfRangeException(nameof(key), key.Access.GetType().Name, null),
    };
}

/// <summary>
/// A token and the clients that send it, one for each vault it was used at and each way there. Not disposed when forgotten: a check may be using it, and it owns nothing but
/// memory (connections are shared).
/// </summary>
internal sealed class EntraSession(AccessToken token, EntraName owner, Func<Uri, VaultRoute, TokenCredential, KeyClient> connect) : IKmsSession
{
    /// <summary>One application seldom has keys in more vaults; for those in excess a client is made each time.</summary>
    private const int MostClients = 100;

    private readonly ConcurrentDictionary<string, KeyClient> clients = new(StringComparer.OrdinalIgnoreCase);

    public DateTimeOffset Ends => token.ExpiresOn;

    public KeyClient At(Uri vault, VaultRoute route)
    {
        var name = $"{vault.Authority} {route.Name}";
        if (clients.TryGetValue(name, out var known))
            return known;
        var made = connect(vault, route, new SessionToken(token, owner));
        return clients.Count < MostClients ? clients.GetOrAdd(name, made) : made;
    }

    /// <summary>Gives the one token to the SDK, and only for what it was made for.</summary>
    private sealed class SessionToken(AccessToken token, EntraName name) : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            if (!requestContext.Scopes.Contains(name.Environment.Cloud().Scope, StringComparer.OrdinalIgnoreCase))
                throw new AzureNotAskedException(AzureSignal.Codes.ForeignChallenge);
            if (requestContext.TenantId is { Length: > 0 } tenant && Guid.TryParse(tenant, out var asked) && !(Guid.TryParse(name.TenantId, out var own) && asked == own))
                throw new AzureNotAskedException(AzureSignal.Codes.OtherTenant);
            // Claims ask for a token that Entra makes after looking again; the next session's is one.
            return requestContext.Claims is null ? token : throw new AzureTokenRefusedException();
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(GetToken(requestContext, cancellationToken));
    }
}
