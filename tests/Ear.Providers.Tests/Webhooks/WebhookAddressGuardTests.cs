using System.Net;
using Ear.Alerts.Webhooks;
using Ear.Providers.Webhooks;
using Microsoft.Extensions.Options;

namespace Ear.Providers.Tests.Webhooks;

/// <summary>Nobody makes Ear send a request into its own network, however an address is spelt and wherever a name leads.</summary>
public sealed class WebhookAddressGuardTests
{
    /// <summary>Spellings of addresses that are nobody's on the internet. {0}: the port of a receiver on 127.0.0.1.</summary>
    public static TheoryData<string> Inward => new(
        "https://127.0.0.1:{0}/", "https://127.1:{0}/", "https://127.0.1:{0}/", "https://2130706433:{0}/", "https://0x7f000001:{0}/", "https://0x7f.0.0.1:{0}/", "https://0x7F.1:{0}/",
        "https://017700000001:{0}/", "https://0177.0.0.01:{0}/", "https://127.255.255.254:{0}/", "https://127.0.0.1.:{0}/", "https://127%2e0%2e0%2e1:{0}/",
        "https://１２７.0.0.1:{0}/", "https://127。0。0。1:{0}/", "https://⑫７.0.0.1:{0}/", "https://ｌocalhost:{0}/",
        "https://0.0.0.0:{0}/", "https://0:{0}/", "https://00000:{0}/",
        "https://localhost:{0}/", "https://LOCALHOST:{0}/", "https://localhost.:{0}/", "https://a.localhost:{0}/", "https://a.localhost.:{0}/",
        "https://[::1]:{0}/", "https://[0:0:0:0:0:0:0:1]:{0}/", "https://[::]:{0}/", "https://[::ffff:127.0.0.1]:{0}/", "https://[::ffff:7f00:1]:{0}/", "https://[0:0:0:0:0:ffff:7f00:0001]:{0}/",
        "https://[::127.0.0.1]:{0}/", "https://[::ffff:0:127.0.0.1]:{0}/",
        "https://10.0.0.4/", "https://10.255.255.255/", "https://167772164/", "https://012.0.0.4/", "https://172.16.0.1/", "https://172.31.255.255/", "https://192.168.1.1/", "https://0xc0a80101/",
        "https://100.64.0.1/", "https://100.127.255.255/", "https://192.0.0.192/", "https://192.0.2.1/", "https://198.18.0.1/", "https://198.19.255.255/", "https://198.51.100.1/", "https://203.0.113.1/",
        "https://169.254.169.254/metadata/instance", "https://2852039166/", "https://0xa9fea9fe/", "https://0251.0376.0251.0376/", "https://169.254.43518/", "https://169.254.170.2/", "https://100.100.100.200/",
        "https://[::ffff:169.254.169.254]/", "https://[::ffff:a9fe:a9fe]/", "https://[64:ff9b::169.254.169.254]/", "https://[64:ff9b::a9fe:a9fe]/", "https://[64:ff9b:1::a9fe:a9fe]/", "https://[2002:a9fe:a9fe::]/",
        "https://[2001:0:a9fe:a9fe::]/", "https://[fd00:ec2::254]/", "https://[fe80::1]/", "https://[fe80::a9fe:a9fe%251]/", "https://[fc00::1]/", "https://[fdff::1]/", "https://[fec0::1]/",
        "https://[ff02::1]/", "https://[2001:db8::1]/", "https://[3fff::1]/", "https://[100::1]/", "https://[5f00::1]/",
        "https://168.63.129.16/", "https://2822734096/", "https://[::ffff:168.63.129.16]/",
        "https://224.0.0.1/", "https://239.255.255.250/", "https://240.0.0.1/", "https://255.255.255.255/", "https://4294967295/");

    public static TheoryData<string> NotEvenAnAddress => new(
        "http://hooks.example.com/", "ftp://hooks.example.com/", "file:///etc/passwd", "gopher://127.0.0.1:25/_HELO", "unix:///var/run/docker.sock", "javascript:alert(1)", "data:text/plain,x",
        "hooks.example.com/x", "//hooks.example.com/", "/x", "https://", "https:///x", "https://user:hidden@hooks.example.com/", "https://user@hooks.example.com/", "https://hooks.example.com@127.0.0.1/",
        "https://hooks.example.com:99999/", "https://hooks .example.com/", " https://hooks.example.com/", "https://hooks.example.com/\r\nX-Injected: 1", "https://hooks.example.com/\u0000", "https://[::1/", "https://exa_mple..com/");

    [Theory]
    [MemberData(nameof(Inward))]
    public async Task An_address_of_ours_is_refused_when_it_is_configured_and_not_called_if_it_got_there_after_all(string spelling)
    {
        await using var receiver = await Receiver.StartAsync();
        // Whatever is asked of a resolver leads to the receiver.
        using var sender = new Sender(names: new Names(["127.0.0.1"]));
        var url = spelling.Replace("{0}", $"{receiver.Port}", StringComparison.Ordinal);

        Assert.NotNull(sender.Webhook.FaultOf(url));
        Assert.IsType<WebhookAnswer.Refused>(await sender.PostAsync(url));
        Assert.Equal(0, receiver.Connections);
    }

    [Theory]
    [MemberData(nameof(NotEvenAnAddress))]
    public async Task What_is_no_https_address_of_a_host_is_refused_in_the_same_two_places(string url)
    {
        using var sender = new Sender(names: new Names(["127.0.0.1"]));

        var fault = sender.Webhook.FaultOf(url);
        Assert.NotNull(fault);
        Assert.DoesNotContain("hidden", fault);
        Assert.IsType<WebhookAnswer.Refused>(await sender.PostAsync(url));
    }

    [Theory]
    [InlineData("https://hooks.example.com/services/T0/B0/x?y=z#part")]
    [InlineData("https://hooks.example.com:8443/")]
    [InlineData("https://HOOKS.Example.Com")]
    [InlineData("https://bücher.example/")]
    [InlineData("https://1.1.1.1/")]
    [InlineData("https://126.255.255.255/")]
    [InlineData("https://128.0.0.1/")]
    [InlineData("https://172.15.0.1/")]
    [InlineData("https://172.32.0.1/")]
    [InlineData("https://168.63.129.17/")]
    [InlineData("https://[2606:4700:4700::1111]/")]
    [InlineData("https://[2001:4860:4860::8888]:443/")]
    [InlineData("https://localhost.example.com/")]
    public void A_public_address_is_taken(string url)
    {
        using var sender = new Sender();
        Assert.Null(sender.Webhook.FaultOf(url));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.0.0.4")]
    [InlineData("169.254.169.254")]
    [InlineData("168.63.129.16")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("fe80::1")]
    [InlineData("64:ff9b::a00:4")]
    [InlineData("1.1.1.1", "127.0.0.1")]
    [InlineData("127.0.0.1", "1.1.1.1")]
    public async Task A_name_that_leads_inward_is_not_called(params string[] leadsTo)
    {
        await using var receiver = await Receiver.StartAsync();
        using var sender = new Sender(names: new Names(leadsTo));

        var refused = Assert.IsType<WebhookAnswer.Refused>(await sender.PostAsync($"https://rebinding.example.com:{receiver.Port}/"));

        Assert.Contains("not public", refused.Why);
        Assert.Equal(0, receiver.Connections);
    }

    /// <summary>DNS rebinding: the answer that was looked at is public, the next one is not.</summary>
    [Fact]
    public async Task A_name_is_looked_up_once_and_the_connection_goes_to_what_was_looked_at()
    {
        await using var receiver = await Receiver.StartAsync();
        var names = new Names(["2606:4700::1111"], ["127.0.0.1"]);
        // There is nobody, or no way there: either is a fault to try again. No way is found to the receiver.
        using var sender = new Sender(o => o.Timeout = TimeSpan.FromSeconds(1), names);

        await Assert.ThrowsAnyAsync<IOException>(() => sender.PostAsync($"https://rebinding.example.com:{receiver.Port}/"));

        Assert.Single(names.Asked);
        Assert.Equal(0, receiver.Connections);
        // The next try looks again, and at what it finds.
        Assert.IsType<WebhookAnswer.Refused>(await sender.PostAsync($"https://rebinding.example.com:{receiver.Port}/"));
        Assert.Equal(0, receiver.Connections);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_its_address_not_told()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answers(302, $"http://127.0.0.1:{receiver.Port}/latest/meta-data/hidden");
        using var sender = new Sender(o => o.LocalHosts = "127.0.0.1");

        var refused = Assert.IsType<WebhookAnswer.Refused>(await sender.PostAsync($"http://127.0.0.1:{receiver.Port}/first"));

        Assert.Contains("redirect", refused.Why);
        Assert.DoesNotContain("hidden", refused.Why);
        Assert.EndsWith("/first", Assert.Single(receiver.All).Target);
    }

    [Fact]
    public void A_local_host_that_the_operator_names_may_be_called_and_no_other_spelling_opens_more()
    {
        using var sender = new Sender(o => o.LocalHosts = "127.0.0.1, relay.internal");
        foreach (var url in new[] { "http://127.0.0.1:8080/", "http://127.1/", "https://127.0.0.1/", "http://relay.internal/", "http://RELAY.internal:81/" })
            Assert.Null(sender.Webhook.FaultOf(url));
        foreach (var url in new[] { "http://127.0.0.2/", "http://localhost/", "http://relay.internal.example.com/", "http://x@127.0.0.1/", "http://[::1]/", "http://10.0.0.4/" })
            Assert.NotNull(sender.Webhook.FaultOf(url));
    }

    [Fact]
    public void All_faults_of_the_settings_are_told_at_once()
    {
        using var sender = new Sender(o => (o.LocalHosts, o.Timeout, o.ConnectionsPerHost, o.CaFile) = ("fine,http://x", TimeSpan.FromMinutes(1), 0, "/nowhere/ca.pem"));
        var faults = Assert.Throws<OptionsValidationException>(() => sender.Webhook).Failures;
        Assert.Equal(["LocalHosts", "Timeout", "ConnectionsPerHost", "CaFile"], faults.Select(f => f.Split(':', ' ')[2]));
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("2400:cb00::1", true)]
    [InlineData("2001:200::1", true)]
    [InlineData("2001:1ff::1", false)]
    [InlineData("4000::1", false)]
    public void Only_what_is_given_out_to_somebody_is_public(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddress.Is(IPAddress.Parse(address)));
}
