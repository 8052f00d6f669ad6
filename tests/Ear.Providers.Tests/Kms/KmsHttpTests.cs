using System.Net;
using System.Net.Sockets;
using Ear.Providers.Kms;

namespace Ear.Providers.Tests.Kms;

/// <summary>The way out to key services.</summary>
public sealed class KmsHttpTests
{
    [Fact]
    public async Task A_way_of_its_own_leads_to_the_vault_and_never_to_the_proxy_of_the_process()
    {
        var before = HttpClient.DefaultProxy;
        // For everybody in this process, so of no use to anybody else.
        HttpClient.DefaultProxy = new ProxyOfOne("orders.vault.example");
        var led = new List<DnsEndPoint>();
        try
        {
            using var client = new HttpClient(KmsHttp.Handler(TimeSpan.FromSeconds(5), connect: (to, _) =>
            {
                led.Add(to.DnsEndPoint);
                throw new SocketException((int)SocketError.HostUnreachable);
            }));
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri("https://orders.vault.example/keys/cmk"), TestContext.Current.CancellationToken));
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }

        Assert.Equal([new DnsEndPoint("orders.vault.example", 443)], led);
    }

    [Fact]
    public void By_names_it_goes_as_the_process_is_told_to()
    {
        using var handler = Assert.IsType<DelegatingHandler>(KmsHttp.Handler(TimeSpan.FromSeconds(5)), exactMatch: false);

        Assert.True(Assert.IsType<SocketsHttpHandler>(handler.InnerHandler).UseProxy);
    }

    private sealed class ProxyOfOne(string host) : IWebProxy
    {
        public ICredentials? Credentials { get; set; }

        public Uri GetProxy(Uri destination) => new("http://proxy.example:3128");

        public bool IsBypassed(Uri destination) => destination.Host != host;
    }
}
