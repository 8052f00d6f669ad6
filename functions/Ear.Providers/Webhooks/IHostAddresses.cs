using System.Net;

namespace Ear.Providers.Webhooks;

/// <summary>Where a name leads.</summary>
internal interface IHostAddresses
{
    /// <exception cref="System.Net.Sockets.SocketException">Nowhere, or nobody could be asked.</exception>
    Task<IPAddress[]> OfAsync(string host, CancellationToken cancellation);
}

internal sealed class SystemHostAddresses : IHostAddresses
{
    public Task<IPAddress[]> OfAsync(string host, CancellationToken cancellation) => Dns.GetHostAddressesAsync(host, cancellation);
}
