#nullable disable

using Azure.Core;
using Azure.Core.Pipeline;

namespace Azure.Security.KeyVault.Keys;

/// <summary>
/// Asks the vault whose tokens it takes (spec kms §1.2): the first request goes out with neither token nor body, and the 401 names tenant and resource.
/// Kept for as long as the client, which knows one vault only.
/// </summary>
internal sealed class ChallengePolicy(TokenCredential credential, bool verifyResource) : BearerTokenAuthenticationPolicy(credential, Array.Empty<string>())
{
    private const string HeldBack = "Ear.KeyVault.Body";
    private volatile VaultChallenge _known;

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        if (message.Request.Uri.Scheme != Uri.UriSchemeHttps)
            throw new InvalidOperationException("A bearer token is sent by https only.");
        await AuthorizeRequestAsync(message).ConfigureAwait(false);
        await ProcessNextAsync(message, pipeline).ConfigureAwait(false);
        // The vault's challenge, and then one for more claims (continuous access evaluation): no more than these two.
        for (var round = 0; round < 2 && message.Response.Status == 401; round++)
        {
            if (!await AuthorizeRequestOnChallengeAsync(message).ConfigureAwait(false))
                return;
            message.Response.Dispose();
            await ProcessNextAsync(message, pipeline).ConfigureAwait(false);
        }
    }

    protected override async ValueTask AuthorizeRequestAsync(HttpMessage message)
    {
        if (_known is { } challenge)
        {
            await AuthorizeAsync(message, challenge, null).ConfigureAwait(false);
        }
        else if (message.Request.Content is { } body)
        {
            message.SetProperty(HeldBack, body);
            message.Request.Content = null;
        }
    }

    protected override async ValueTask<bool> AuthorizeRequestOnChallengeAsync(HttpMessage message)
    {
        if (VaultChallenge.Of(message.Response) is not { } challenge)
            return false;
        var authorized = message.Request.Headers.Contains(HttpHeader.Names.Authorization);
        if (challenge.Claims is null)
        {
            // The same question again, asked of a request that had a token: the vault does not take this token, and no other will come out.
            if (authorized && challenge == _known)
                return false;
            _known = challenge.Verified(message.Request.Uri.ToUri(), verifyResource);
        }
        else if (_known is null)
        {
            return false;
        }
        await AuthorizeAsync(message, _known, challenge.Claims).ConfigureAwait(false);
        return true;
    }

    private ValueTask AuthorizeAsync(HttpMessage message, VaultChallenge challenge, string claims)
    {
        if (message.Request.Content is null && message.TryGetProperty(HeldBack, out var body))
            message.Request.Content = (RequestContent)body;
        return AuthenticateAndAuthorizeRequestAsync(
            message, new TokenRequestContext([challenge.Scope], message.Request.ClientRequestId, claims, challenge.TenantId, isCaeEnabled: true));
    }
}
