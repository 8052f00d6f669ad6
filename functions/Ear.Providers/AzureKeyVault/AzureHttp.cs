using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Azure.Core.Pipeline;
using Ear.Providers.Kms;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AzureKeyVault;

/// <summary>One pool of connections for vaults and Entra, which reaches only the hosts of <see cref="AzureHosts"/>.</summary>
internal sealed class AzureHttp : IDisposable
{
    private readonly AzureHosts hosts;
    private readonly X509Certificate2? authority;
    private readonly HttpClient client;

    public AzureHttp(IOptions<AzureKeyVaultOptions> options, AzureHosts hosts)
    {
        this.hosts = hosts;
        if (options.Value.CaFile is { } file)
            authority = X509Certificate2.CreateFromPem(File.ReadAllText(file));
        var tls = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = IsTrusted };
        client = new HttpClient(new AllowedHosts(hosts, KmsHttp.Handler(options.Value.AttemptTimeout, tls))) { Timeout = Timeout.InfiniteTimeSpan };
        Transport = new HttpClientTransport(client);
    }

    public HttpPipelineTransport Transport { get; }

    public void Dispose()
    {
        client.Dispose();
        authority?.Dispose();
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
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.Add(authority);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return own.Build(presented);
    }

    private sealed class AllowedHosts(AzureHosts hosts, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            hosts.MayCall(request.RequestUri) ? base.SendAsync(request, cancellationToken) : throw new AzureNotAskedException(AzureSignal.Codes.HostNotAllowed);
    }
}
