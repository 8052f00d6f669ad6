using Ear.Projects;

namespace Ear.Functions.Http.Access;

/// <summary>
/// What a client says in <c>Authorization: Digest …</c> (RFC 7616 §3.4). Only qop=auth with MD5: that is what the challenge offers,
/// and without a nonce count there is no protection against replays.
/// </summary>
/// <param name="NonceCount">The text as sent, eight hexadecimal digits: it goes into the hash.</param>
internal sealed record DigestHeader(string UserName, string Nonce, string Uri, string Response, string NonceCount, uint Count, string ClientNonce)
{
    public const string Scheme = "Digest ";
    private const int MaxLength = 4096;

    /// <summary>Null: not of this form.</summary>
    public static DigestHeader? TryParse(string header)
    {
        if (header.Length > MaxLength || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || Fields(header.AsSpan(Scheme.Length)) is not { } fields)
            return null;
        if (fields.GetValueOrDefault("realm") is not ApiKeySecrets.Realm
            || fields.GetValueOrDefault("qop") is not "auth"
            || !fields.GetValueOrDefault("algorithm", "MD5").Equals("MD5", StringComparison.OrdinalIgnoreCase)
            || fields.GetValueOrDefault("username") is not { } user
            || fields.GetValueOrDefault("nonce") is not { } nonce
            || fields.GetValueOrDefault("uri") is not { } uri
            || fields.GetValueOrDefault("response") is not { Length: 32 } response
            || fields.GetValueOrDefault("cnonce") is not { Length: > 0 } clientNonce
            || fields.GetValueOrDefault("nc") is not { Length: 8 } count
            || !uint.TryParse(count, System.Globalization.NumberStyles.AllowHexSpecifier, null, out var number))
            return null;
        return new(user, nonce, uri, response, count, number, clientNonce);
    }

    /// <summary>name=token or name="quoted, with \" escapes", separated by commas; null when it is anything else or names a field twice.</summary>
    private static Dictionary<string, string>? Fields(ReadOnlySpan<char> text)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (!(text = text.TrimStart(" \t,")).IsEmpty)
        {
            var equals = text.IndexOf('=');
            if (equals <= 0)
                return null;
            var name = text[..equals].Trim().ToString();
            text = text[(equals + 1)..].TrimStart();
            if (Value(ref text) is not { } value || !fields.TryAdd(name, value))
                return null;
        }
        return fields;
    }

    private static string? Value(ref ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text[0] != '"')
        {
            var end = text.IndexOf(',');
            var token = end < 0 ? text : text[..end];
            text = end < 0 ? [] : text[end..];
            return token.Trim().ToString();
        }
        var value = new System.Text.StringBuilder();
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                text = text[(i + 1)..];
                return value.ToString();
            }
            if (text[i] == '\\' && ++i == text.Length)
                return null;
            value.Append(text[i]);
        }
        return null;
    }
}
