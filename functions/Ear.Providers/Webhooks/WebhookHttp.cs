using System.Collections.Immutable;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Ear.Providers.Kms;
using Microsoft.Extensions.Options;

namespace Ear.Providers.Webhooks;

/// <summary>
/// The pool of connections to webhooks. A name is looked up once for a connection, and the connection goes to an address that was looked at: a name that leads elsewhere a moment
/// later changes nothing. Nothing of ours goes along: no proxy's credentials, no cookie, no trace.
/// </summary>
internal sealed class WebhookHttp : IDisposable
{
    /// <summary>Of an answer only its status matters. What comes after it is read so far, to use the connection again, and no further.</summary>
    private const int MostOfAnswer = 16 * 1024;

    private readonly ImmutableHashSet<string> localHosts;
    private readonly IHostAddresses addresses;
    private readonly X509Certificate2? authority;

    public WebhookHttp(IOptions<WebhookOptions> options, IHostAddresses addresses)
    {
        this.addresses = addresses;
        localHosts = options.Value.Hosts();
        if (options.Value.CaFile is { Length: > 0 } file)
            authority = X509Certificate2.CreateFromPem(File.ReadAllText(file));
        Client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = (to, stop) => ConnectAsync(to.DnsEndPoint, stop),
            ConnectTimeout = options.Value.Timeout,
            MaxConnectionsPerServer = options.Value.ConnectionsPerHost,
            // So that a name is looked up again.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PreAuthenticate = false,
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = MostOfAnswer / 1024,
            MaxResponseDrainSize = MostOfAnswer,
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),
            SslOptions = new() { RemoteCertificateValidationCallback = IsTrusted },
        })
        { Timeout = Timeout.InfiniteTimeSpan };
    }

    public HttpClient Client { get; }

    public void Dispose()
    {
        Client.Dispose();
        authority?.Dispose();
    }

    private async ValueTask<Stream> ConnectAsync(DnsEndPoint to, CancellationToken cancellation)
    {
        var found = IPAddress.TryParse(to.Host, out var literal) ? [literal] : await addresses.OfAsync(to.Host, cancellation);
        if (found.Length == 0)
            throw new SocketException((int)SocketError.HostNotFound);
        // One that is not public among them is enough: whoever answers for the name may not mix them in.
        if (!localHosts.Contains(to.Host) && !found.All(PublicAddress.Is))
            throw new NotPublicException();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(found, to.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        => errors == SslPolicyErrors.None
            // Only an unknown issuer can be made good, and only for the operator's own hosts.
            || (errors == SslPolicyErrors.RemoteCertificateChainErrors && authority is not null && certificate is X509Certificate2 presented
                && sender is SslStream { TargetHostName: { } host } && localHosts.Contains(host) && OwnAuthority.Vouches(authority, presented));
}

/// <summary>The name leads where webhooks may not lead.</summary>
internal sealed class NotPublicException() : IOException("Not a public address.");
