using System.Collections.Immutable;
using System.Net;

namespace Ear.Providers.Webhooks;

/// <summary>What can be said of an address by looking at it. Where a name leads is looked at when it is called, for that may change.</summary>
internal static class WebhookUrl
{
    /// <param name="localHosts">May be no public ones, and by http (<see cref="WebhookOptions.LocalHosts"/>).</param>
    /// <returns>Null: nothing speaks against it.</returns>
    public static string? FaultOf(string url, ImmutableHashSet<string> localHosts)
    {
        if (url.Any(c => c <= ' ' || char.IsControl(c)) || !Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http") || uri.Host.Length == 0)
            return "An absolute https address without blanks, as https://hooks.example.com/ear.";
        var isLocal = localHosts.Contains(uri.IdnHost);
        if (uri.Scheme is not "https" && !isLocal)
            return "Must begin with https://: it carries what is a secret of the receiver.";
        if (uri.UserInfo.Length > 0)
            return "Must hold no user and password before the host: put what the receiver asks for into the path or the query.";
        return isLocal || IsPublicByItsLook(uri) ? null : "Must lead to a host on the public internet: addresses of loopback, of private networks and of a cloud's own services are not called.";
    }

    /// <summary>.NET has read decimal, octal and hexadecimal spellings of an IPv4 address as what they are.</summary>
    private static bool IsPublicByItsLook(Uri uri)
    {
        if (IPAddress.TryParse(uri.IdnHost, out var address))
            return PublicAddress.Is(address);
        var name = uri.IdnHost.TrimEnd('.');
        // Digits of other scripts and of full width would be read as an address by somebody else.
        return uri.HostNameType is UriHostNameType.Dns && !uri.Host.Any(c => (char.IsNumber(c) && !char.IsAsciiDigit(c)) || c is >= '\uFF00' and <= '\uFFEF')
            && !IPAddress.TryParse(name, out _)
            && !name.Equals("localhost", StringComparison.OrdinalIgnoreCase) && !name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
    }
}
