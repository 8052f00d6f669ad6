using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Azure.Core.Pipeline;
using Ear.Limits;
using Ear.Providers.Kms;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AzureKeyVault;

/// <summary>Pools of connections for vaults and Entra, which reach only the hosts of <see cref="AzureHosts"/>: one for all that is public, one for each private route.</summary>
internal sealed class AzureHttp : IDisposable
{
    /// <summary>One for each vault that is reached in private, and some that were.</summary>
    private const int MostRoutes = 10_000;

    private readonly AzureHosts hosts;
    private readonly X509Certificate2? authority;
    private readonly BoundedMap<string, HttpPipelineTransport> routes;
    private readonly TimeSpan connectTimeout;
    private readonly TimeProvider time;

    public AzureHttp(IOptions<AzureKeyVaultOptions> options, AzureHosts hosts, TimeProvider time)
    {
        (this.hosts, this.time) = (hosts, time);
        connectTimeout = options.Value.AttemptTimeout;
        if (options.Value.CaFile is { } file)
            authority = X509Certificate2.CreateFromPem(File.ReadAllText(file));
        routes = new(MostRoutes, time);
        Transport = Make(VaultRoute.Public);
    }

    /// <summary>To where names lead.</summary>
    public HttpPipelineTransport Transport { get; }

    /// <summary>
    /// A pool of its own: connections of one project's endpoint never carry what another one asks of the same vault. What is forgotten here is not disposed, for
    /// a check may be using it; its connections close when they are idle.
    /// </summary>
    public HttpPipelineTransport TransportBy(VaultRoute route) => route.IsPrivate ? routes.GetOrAdd(route.Name, _ => Make(route)) : Transport;

    public void Dispose()
    {
        ((HttpClientTransport)Transport).Dispose();
        authority?.Dispose();
    }

    private HttpClientTransport Make(VaultRoute route)
    {
        var tls = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = IsTrusted };
        var handler = KmsHttp.Handler(connectTimeout, tls, route.IsPrivate ? (to, stop) => route.ConnectAsync(to.DnsEndPoint, connectTimeout, time, stop) : null);
        return new HttpClientTransport(new HttpClient(new AllowedHosts(hosts, handler)) { Timeout = Timeout.InfiniteTimeSpan });
    }

    private bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
            return true;
        // Only an unknown issuer can be made good, and only for the operator's own hosts: Azure's are never judged by the operator's authority.
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || authority is null || certificate is not X509Certificate2 presented)
            return false;
        if (sender is not SslStream { TargetHostName: { } host } || !hosts.IsLocalName(host))
            return false;
        return OwnAuthority.Vouches(authority, presented);
    }

    private sealed class AllowedHosts(AzureHosts hosts, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            hosts.MayCall(request.RequestUri) ? base.SendAsync(request, cancellationToken) : throw new AzureNotAskedException(AzureSignal.Codes.HostNotAllowed);
    }
}
