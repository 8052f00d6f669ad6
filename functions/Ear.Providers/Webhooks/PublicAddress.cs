using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Ear.Providers.Webhooks;

/// <summary>
/// Which addresses are somebody's on the internet. Everything else may lead into Ear's own network, to the machine's own services, or to the cloud's metadata,
/// where a request with Ear's place in the network is worth more than its sender's.
/// </summary>
internal static class PublicAddress
{
    /// <summary>IANA's registry of special-purpose addresses, and one that Azure uses from public space.</summary>
    private static readonly ImmutableArray<IPNetwork> SpecialV4 =
    [
        IPNetwork.Parse("0.0.0.0/8"),          // this host
        IPNetwork.Parse("10.0.0.0/8"),         // private
        IPNetwork.Parse("100.64.0.0/10"),      // carriers' NAT, and clouds' own services
        IPNetwork.Parse("127.0.0.0/8"),        // loopback
        IPNetwork.Parse("168.63.129.16/32"),   // Azure's wire server
        IPNetwork.Parse("169.254.0.0/16"),     // link-local, with the metadata of every cloud
        IPNetwork.Parse("172.16.0.0/12"),      // private
        IPNetwork.Parse("192.0.0.0/24"),       // protocols
        IPNetwork.Parse("192.0.2.0/24"),       // documentation
        IPNetwork.Parse("192.88.99.0/24"),     // 6to4 relays
        IPNetwork.Parse("192.168.0.0/16"),     // private
        IPNetwork.Parse("198.18.0.0/15"),      // benchmarks
        IPNetwork.Parse("198.51.100.0/24"),    // documentation
        IPNetwork.Parse("203.0.113.0/24"),     // documentation
        IPNetwork.Parse("224.0.0.0/4"),        // multicast
        IPNetwork.Parse("240.0.0.0/4"),        // reserved, and broadcast
    ];

    /// <summary>The only part that is given out. Loopback, link-local, unique-local, multicast, mapped IPv4 and NAT64 all lie outside of it.</summary>
    private static readonly IPNetwork GlobalV6 = IPNetwork.Parse("2000::/3");

    private static readonly ImmutableArray<IPNetwork> SpecialV6 =
    [
        IPNetwork.Parse("2001::/23"),          // protocols, with Teredo, in which an IPv4 address hides
        IPNetwork.Parse("2001:db8::/32"),      // documentation
        IPNetwork.Parse("2002::/16"),          // 6to4, in which an IPv4 address hides
        IPNetwork.Parse("3fff::/20"),          // documentation
    ];

    public static bool Is(IPAddress address) => address switch
    {
        { IsIPv4MappedToIPv6: true } => Is(address.MapToIPv4()),
        { AddressFamily: AddressFamily.InterNetwork } => !SpecialV4.Any(n => n.Contains(address)),
        { AddressFamily: AddressFamily.InterNetworkV6 } => GlobalV6.Contains(address) && !SpecialV6.Any(n => n.Contains(address)),
        _ => false,
    };
}
