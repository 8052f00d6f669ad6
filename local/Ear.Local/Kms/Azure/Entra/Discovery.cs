using System.Text.Json.Nodes;

namespace Ear.Local.Kms.Azure.Entra;

/// <summary>What MSAL looks up before it asks for a token: where the endpoints are, and that the authority is one.</summary>
/// <param name="url">Of this service.</param>
internal sealed class Discovery(string tenantId, Func<string> url)
{
    private string Authority => $"{url()}/{tenantId}";

    public JsonObject OpenIdConfiguration() => new()
    {
        ["token_endpoint"] = $"{Authority}/oauth2/v2.0/token",
        ["token_endpoint_auth_methods_supported"] = new JsonArray("client_secret_post", "private_key_jwt"),
        ["jwks_uri"] = $"{Authority}/discovery/v2.0/keys",
        ["response_modes_supported"] = new JsonArray("query", "fragment", "form_post"),
        ["subject_types_supported"] = new JsonArray("pairwise"),
        ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
        ["response_types_supported"] = new JsonArray("code", "id_token", "code id_token", "id_token token"),
        ["scopes_supported"] = new JsonArray("openid", "profile", "email", "offline_access"),
        ["issuer"] = $"{Authority}/v2.0",
        ["authorization_endpoint"] = $"{Authority}/oauth2/v2.0/authorize",
        ["device_authorization_endpoint"] = $"{Authority}/oauth2/v2.0/devicecode",
        ["end_session_endpoint"] = $"{Authority}/oauth2/v2.0/logout",
        ["tenant_region_scope"] = "EU",
        ["cloud_instance_name"] = new Uri(url()).Authority,
    };

    /// <summary>MSAL for .NET and Python name an authority by its host, MSAL for JavaScript by host and port: each finds an entry of its own.</summary>
    public JsonObject Instances()
    {
        var here = new Uri(url());
        return new JsonObject
        {
            ["tenant_discovery_endpoint"] = $"{Authority}/v2.0/.well-known/openid-configuration",
            ["api-version"] = "1.1",
            ["metadata"] = new JsonArray(Instance(here.Authority), Instance(here.Host)),
        };
    }

    private static JsonObject Instance(string name) => new() { ["preferred_network"] = name, ["preferred_cache"] = name, ["aliases"] = new JsonArray(name) };
}
