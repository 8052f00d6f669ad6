using System.Text;

namespace Ear.Functions.Http.Access;

/// <summary>What <c>Authorization: Basic …</c> says, taken literally.</summary>
internal sealed record BasicCredentials(string ClientId, string Secret)
{
    private const string Scheme = "Basic ";
    private const int MaxLength = 2048;

    public static BasicCredentials? TryParse(string header)
    {
        if (header.Length > MaxLength || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return null;
        Span<byte> bytes = stackalloc byte[MaxLength];
        if (!Convert.TryFromBase64Chars(header.AsSpan(Scheme.Length).Trim(), bytes, out var length))
            return null;
        var text = Encoding.UTF8.GetString(bytes[..length]);
        var colon = text.IndexOf(':');
        return colon <= 0 ? null : new(text[..colon], text[(colon + 1)..]);
    }

    /// <summary>As a client means it that url-escapes both parts first.</summary>
    public BasicCredentials Unescaped() => new(Uri.UnescapeDataString(ClientId), Uri.UnescapeDataString(Secret));

    public override string ToString() => $"{nameof(BasicCredentials)} {{ {ClientId} }}";
}
