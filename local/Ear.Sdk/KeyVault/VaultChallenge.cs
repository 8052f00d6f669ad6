#nullable disable

using System.Text;
using System.Text.RegularExpressions;
using Azure.Core;

namespace Azure.Security.KeyVault.Keys;

/// <summary>What a vault's 401 asks for: <c>Bearer authorization="https://login…/{tenant}", resource="https://vault.azure.net"</c> (spec kms §1.2).</summary>
/// <param name="Scope">Null only where <paramref name="Claims"/> are asked for.</param>
internal sealed partial record VaultChallenge(string TenantId, string Scope, string Claims)
{
    /// <returns>null when the answer asks for nothing that we could give.</returns>
    public static VaultChallenge Of(Response response)
    {
        if (!response.Headers.TryGetValue(HttpHeader.Names.WwwAuthenticate, out var header) || !header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return null;
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (Match match in Parameter().Matches(header))
            parameters.TryAdd(match.Groups[1].Value, match.Groups[2].Value);
        var claims = parameters.GetValueOrDefault("error") == "insufficient_claims" ? Decoded(parameters.GetValueOrDefault("claims")) : null;
        var scope = parameters.TryGetValue("resource", out var resource) ? resource + "/.default" : parameters.GetValueOrDefault("scope");
        if (scope is null && claims is null)
            return null;
        return new(Tenant(parameters.GetValueOrDefault("authorization") ?? parameters.GetValueOrDefault("authorization_uri")), scope, claims);
    }

    /// <exception cref="InvalidOperationException">The challenge is for a resource that is not the vault's domain: a token for it would go to a stranger.</exception>
    public VaultChallenge Verified(Uri request, bool verifyResource)
    {
        if (!Uri.TryCreate(Scope, UriKind.Absolute, out var scope))
            throw new InvalidOperationException("The challenge's scope is not a URI.");
        if (verifyResource && !request.Host.EndsWith("." + scope.Host, StringComparison.OrdinalIgnoreCase))
            throw new InvalidOperationException($"The challenge resource '{scope.Host}' does not match the requested domain.");
        return this;
    }

    private static string Tenant(string authorization) =>
        Uri.TryCreate(authorization, UriKind.Absolute, out var uri) && uri.Segments.Length > 1 ? uri.Segments[1].Trim('/') : null;

    private static string Decoded(string claims)
    {
        var bytes = new byte[claims?.Length ?? 0];
        return Convert.TryFromBase64String(claims ?? "", bytes, out var length) && length > 0 ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    [GeneratedRegex("""([A-Za-z_]+)="([^"]*)" """, RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Parameter();
}
