namespace Ear.Local.Kms.Aws.Signing;

/// <summary><c>AWS4-HMAC-SHA256 Credential=AKID/date/region/service/aws4_request, SignedHeaders=a;b, Signature=hex</c></summary>
internal sealed record AuthorizationHeader(string AccessKeyId, CredentialScope Scope, IReadOnlyList<string> SignedHeaders, string Signature)
{
    /// <returns>null when it is not of that form.</returns>
    public static AuthorizationHeader? Parse(string value)
    {
        if (!value.StartsWith(SigV4.Algorithm + " ", StringComparison.Ordinal))
            return null;
        var parts = new Dictionary<string, string>();
        foreach (var part in value[(SigV4.Algorithm.Length + 1)..].Split(',', StringSplitOptions.TrimEntries))
        {
            var pair = part.Split('=', 2);
            if (pair.Length != 2 || !parts.TryAdd(pair[0], pair[1]))
                return null;
        }
        if (!parts.TryGetValue("Credential", out var credential) || !parts.TryGetValue("SignedHeaders", out var headers) || !parts.TryGetValue("Signature", out var signature))
            return null;
        var scope = credential.Split('/');
        return scope is [var accessKeyId, var date, var region, var service, "aws4_request"]
            ? new AuthorizationHeader(accessKeyId, new CredentialScope(date, region, service), headers.Split(';'), signature)
            : null;
    }
}
