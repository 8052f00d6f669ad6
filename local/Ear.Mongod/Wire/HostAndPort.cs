using System.Globalization;

namespace Ear.Mongod.Wire;

/// <summary>A member's address as a replica set configuration writes it, <c>host:port</c>.</summary>
internal static class HostAndPort
{
    public static (string Host, int Port) Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon < 1 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
            throw new FormatException($"\"{text}\" is not host:port");
        return (text[..colon].Trim('[', ']'), port);
    }
}
