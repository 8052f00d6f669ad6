using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Local.Kms.Google.Port;

/// <summary>
/// HTTP/1.1, HTTP/2 without TLS, and both with TLS on one TCP port: Google's gRPC clients send tokens over TLS only. Without ALPN Kestrel cannot tell which
/// it is, and takes every connection of such a port for HTTP/1.1. Here Kestrel has an endpoint of each kind, and only the first has a socket: each accepted
/// connection is given to the endpoint whose protocol its first bytes speak.
/// </summary>
internal sealed class OnePort(SocketTransportFactory sockets) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private Sorter? sorter;

    /// <summary>For the services of a listener.</summary>
    /// <param name="certificate">The server's, for connections with TLS.</param>
    public static void AddTo(IServiceCollection services, Func<X509Certificate2> certificate)
    {
        services.AddSingleton<SocketTransportFactory>();
        services.AddSingleton<IConnectionListenerFactory, OnePort>();
        services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.Listen(SamePort.Http2, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(SamePort.Tls, listen => listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificateSelector = (_, _) => certificate() }));
        });
    }

    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint or SamePort;

    /// <summary>Kestrel binds in the order in which the endpoints were added: the one with the socket first.</summary>
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        if (endpoint is SamePort)
        {
            var shared = sorter ?? throw new InvalidOperationException($"{endpoint} has no socket of its own: add it after the endpoint of HTTP/1.1.");
            return endpoint == SamePort.Tls ? shared.Tls : shared.Http2;
        }
        sorter = new Sorter(await sockets.BindAsync(endpoint, cancellationToken));
        return sorter.Http1;
    }

    /// <summary>Stands for "the same port".</summary>
    private sealed class SamePort(string name) : EndPoint
    {
        public static readonly SamePort Http2 = new("http://same-port");
        public static readonly SamePort Tls = new("https://same-port");

        public override string ToString() => name;
    }
}
