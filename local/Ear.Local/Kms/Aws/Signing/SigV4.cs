using System.Security.Cryptography;
using System.Text;

namespace Ear.Local.Kms.Aws.Signing;

/// <summary>What is signed: the request as it came over the wire.</summary>
/// <param name="Target">Path and query, undecoded.</param>
internal sealed record SignedRequest(string Method, string Target, Func<string, IEnumerable<string?>> Header, byte[] Body);

/// <summary>Signature Version 4: canonical request, string to sign, derived key.</summary>
internal static class SigV4
{
    public const string Algorithm = "AWS4-HMAC-SHA256";

    public static string Signature(SignedRequest request, CredentialScope scope, string amzDate, IReadOnlyList<string> signedHeaders, string secret)
    {
        var canonical = CanonicalRequest(request, signedHeaders);
        var toSign = $"{Algorithm}\n{amzDate}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = Encoding.UTF8.GetBytes("AWS4" + secret);
        foreach (var part in (ReadOnlySpan<string>)[scope.Date, scope.Region, scope.Service, "aws4_request", toSign])
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        return Hex(key);
    }

    private static string CanonicalRequest(SignedRequest request, IReadOnlyList<string> signedHeaders)
    {
        var queryAt = request.Target.IndexOf('?', StringComparison.Ordinal);
        var path = queryAt < 0 ? request.Target : request.Target[..queryAt];
        var query = queryAt < 0 ? "" : request.Target[(queryAt + 1)..];
        var text = new StringBuilder()
            .Append(request.Method).Append('\n')
            .AppendJoin('/', path.Split('/').Select(Encode)).Append('\n')
            .AppendJoin('&', query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(Parameter).Order(StringComparer.Ordinal)).Append('\n');
        foreach (var name in signedHeaders)
            text.Append(name).Append(':').AppendJoin(',', request.Header(name).Select(Trim)).Append('\n');
        // The body as it came is hashed, whatever x-amz-content-sha256 says: boto3 sends none, and one that lies must not pass.
        return text.Append('\n').AppendJoin(';', signedHeaders).Append('\n').Append(Hex(SHA256.HashData(request.Body))).ToString();
    }

    private static string Parameter(string pair)
    {
        var parts = pair.Split('=', 2);
        return $"{Encode(Uri.UnescapeDataString(parts[0]))}={(parts.Length == 2 ? Encode(Uri.UnescapeDataString(parts[1])) : "")}";
    }

    private static string Encode(string value) => Uri.EscapeDataString(value);

    private static string Trim(string? value) =>
        string.Join(' ', (value ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}

internal sealed record CredentialScope(string Date, string Region, string Service)
{
    public override string ToString() => $"{Date}/{Region}/{Service}/aws4_request";
}
