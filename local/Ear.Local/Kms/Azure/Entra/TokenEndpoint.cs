using System.Text.Json.Nodes;
using Ear.Local.Kms.Control;

namespace Ear.Local.Kms.Azure.Entra;

/// <summary>Client credentials for an access token, by secret or by signed assertion.</summary>
/// <param name="url">Of this service.</param>
internal sealed class TokenEndpoint(AzureCredentials credentials, Applications applications, EntraTokens tokens, ServiceClock clock, Func<string> url)
{
    private const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    private const string DefaultScope = "/.default";

    /// <summary>Resources that tokens are given for. Only the first is served here; the others show what the vault says to a token for somebody else.</summary>
    private static readonly string[] Resources = [AzureNames.VaultResource, "https://management.azure.com", "https://graph.microsoft.com", "https://vault.azure.cn", "https://vault.usgovcloudapi.net"];

    /// <summary>Conditional access refuses every token: AADSTS53003. Gone after a restart.</summary>
    public bool BlockedByConditionalAccess { get; set; }

    /// <summary>Applications and secrets are looked at in Entra's order: tenant, grant, application, credential, resource, policies.</summary>
    public JsonObject Token(string tenant, Func<string, string?> form)
    {
        MustBeTenant(tenant);
        var grant = Needed(form, "grant_type");
        if (grant != "client_credentials")
            throw EntraRefusal.UnsupportedGrant(grant);
        var clientId = Needed(form, "client_id");
        if (applications.Find(clientId) is not { HasServicePrincipal: true } application)
            throw EntraRefusal.UnknownApplication(clientId, credentials.TenantId);
        if (!application.Enabled)
            throw EntraRefusal.Disabled(application);
        var assertion = form("client_assertion");
        if (assertion is not null && form("client_assertion_type") == AssertionType)
            CheckAssertion(application, assertion);
        else
            CheckSecret(application, form("client_secret") ?? throw EntraRefusal.NoCredential());
        var audience = Audience(Needed(form, "scope"));
        if (BlockedByConditionalAccess)
            throw EntraRefusal.ConditionalAccess();
        var seconds = (int)EntraTokens.Lifetime.TotalSeconds;
        return new JsonObject
        {
            ["token_type"] = "Bearer",
            ["expires_in"] = seconds,
            ["ext_expires_in"] = seconds,
            ["access_token"] = tokens.Create(application, audience, assertion is not null),
        };
    }

    public void MustBeTenant(string tenant, string error = "invalid_request")
    {
        if (string.Equals(tenant, credentials.TenantId, StringComparison.OrdinalIgnoreCase))
            return;
        throw Guid.TryParse(tenant, out _) || tenant.Contains('.', StringComparison.Ordinal) ? EntraRefusal.TenantNotFound(tenant, error) : EntraRefusal.MalformedTenant(tenant);
    }

    private void CheckSecret(Application application, string secret)
    {
        var found = application.Secrets.FirstOrDefault(s => s.Matches(secret)) ?? throw EntraRefusal.WrongSecret(application.ClientId);
        if (clock.Now >= found.Expires)
            throw EntraRefusal.ExpiredSecret(application.ClientId);
    }

    private void CheckAssertion(Application application, string text)
    {
        var assertion = Jwt.Parse(text) ?? throw EntraRefusal.MalformedAssertion();
        string?[] ids = [assertion.Header("kid"), assertion.Header("x5t"), assertion.Header("x5t#S256")];
        var key = application.Keys.FirstOrDefault(k => ids.Any(id => k.Ids.Contains(id)));
        if (key is null || !key.Signed(assertion))
            throw EntraRefusal.AssertionSignature(ids.FirstOrDefault(id => id is not null));
        if (key.Federation is { } federation)
        {
            if (assertion.Claim("iss") != federation.Issuer || assertion.Claim("sub") != federation.Subject || assertion.Claim("aud") != Federation.Audience)
                throw EntraRefusal.NoFederation();
        }
        else
        {
            if (assertion.Claim("iss") != application.ClientId || assertion.Claim("sub") != application.ClientId)
                throw EntraRefusal.AssertionSubject();
            if (!Audiences().Contains(assertion.Claim("aud"), StringComparer.OrdinalIgnoreCase))
                throw EntraRefusal.AssertionAudience();
        }
        var (from, until) = (assertion.Time("nbf"), assertion.Time("exp"));
        if (until is null || clock.Now >= until || clock.Now < from - TimeSpan.FromMinutes(5))
            throw EntraRefusal.AssertionTime(clock.Now, from, until);
    }

    private string[] Audiences() => [$"{url()}/{credentials.TenantId}/oauth2/v2.0/token", $"{url()}/{credentials.TenantId}/v2.0"];

    private string Audience(string scope)
    {
        if (!scope.EndsWith(DefaultScope, StringComparison.Ordinal) || scope.Contains(' ', StringComparison.Ordinal))
            throw EntraRefusal.InvalidScope(scope);
        var resource = scope[..^DefaultScope.Length];
        // A resource that ends in a slash ends in one in the token too, and the vault refuses that: a mistake worth seeing here.
        return Resources.Contains(resource.TrimEnd('/'), StringComparer.OrdinalIgnoreCase) ? resource : throw EntraRefusal.UnknownResource(resource, credentials.TenantId);
    }

    private static string Needed(Func<string, string?> form, string name) => form(name) is { Length: > 0 } value ? value : throw EntraRefusal.Missing(name);
}
