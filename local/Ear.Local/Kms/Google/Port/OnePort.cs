using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Local.Kms.Google.Port;

/// <summary>
/// HTTP/1.1 and HTTP/2 without TLS on one TCP port. Without ALPN Kestrel cannot tell which it is, and takes every connection of such a port for
/// HTTP/1.1. Here Kestrel has two endpoints, one of each protocol, and only the first has a socket: each accepted connection is given to the endpoint
/// whose protocol its first bytes speak.
/// </summary>
internal sealed class OnePort(SocketTransportFactory sockets) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private Sorter? sorter;

    /// <summary>For the services of a listener.</summary>
    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton<SocketTransportFactory>();
        services.AddSingleton<IConnectionListenerFactory, OnePort>();
        services.Configure<KestrelServerOptions>(kestrel => kestrel.Listen(Http2EndPoint.Instance, listen => listen.Protocols = HttpProtocols.Http2));
    }

    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint or Http2EndPoint;

    /// <summary>Kestrel binds in the order in which the endpoints were added: the one with the socket first.</summary>
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        if (endpoint is Http2EndPoint)
            return (sorter ?? throw new InvalidOperationException("The endpoint of HTTP/2 has no socket of its own: add it after the one of HTTP/1.1.")).Http2;
        sorter = new Sorter(await sockets.BindAsync(endpoint, cancellationToken));
        return sorter.Http1;
    }

    /// <summary>Stands for "the same port".</summary>
    private sealed class Http2EndPoint : EndPoint
    {
        public static readonly Http2EndPoint Instance = new();

        public override string ToString() => "http://same-port";
    }
}
