using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ear.Agent.Kmip;
using Ear.Agent.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Agent.Tests.Kmip;

public sealed class KmipServerTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly KmipVersion Version = new(1, 2);

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task One_connection_serves_several_requests(SslProtocols protocol)
    {
        await using var bridge = new RunningBridge();
        bridge.Keys.Add("1", Key);
        await using var client = await ConnectAsync(bridge, OwnCertificate(bridge), protocol);
        Assert.Equal(protocol, client.SslProtocol);
        for (var i = 0; i < 3; i++)
        {
            Reply.Succeeded((await AskAsync(client, KmipOperation.Get, Requests.Id("1"))).Only, KmipOperation.Get);
        }
    }

    [Fact]
    public async Task A_client_without_our_certificate_gets_no_answer()
    {
        await using var bridge = new RunningBridge();
        bridge.Keys.Add("1", Key);
        using var foreignKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var foreign = new CertificateRequest("CN=mongod", foreignKey, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        foreach (var certificate in new[] { null, foreign, bridge.Certificates.Server })
        {
            // With TLS 1.3 the refusal may only be seen at the first read.
            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                await using var client = await ConnectAsync(bridge, certificate, SslProtocols.Tls12 | SslProtocols.Tls13);
                await AskAsync(client, KmipOperation.Get, Requests.Id("1"));
            });
        }

        // And the bridge still serves its own.
        await using var own = await ConnectAsync(bridge, OwnCertificate(bridge), SslProtocols.Tls13);
        Reply.Succeeded((await AskAsync(own, KmipOperation.Get, Requests.Id("1"))).Only, KmipOperation.Get);
    }

    [Fact]
    public async Task A_message_that_announces_too_much_is_refused_before_it_is_read()
    {
        await using var bridge = new RunningBridge();
        await using var client = await ConnectAsync(bridge, OwnCertificate(bridge), SslProtocols.Tls13);
        await client.WriteAsync(new byte[] { 0x42, 0x00, 0x78, 1, 0x7F, 0xFF, 0xFF, 0xF8 }, TestContext.Current.CancellationToken);
        var reply = await ReadAsync(client);
        Assert.Equal((int)KmipReason.InvalidMessage, reply.Only.Require(KmipTag.ResultReason).Int32());
        Assert.Equal(0, await client.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_idle_connection_is_closed()
    {
        await using var bridge = new RunningBridge(new KmipServerOptions { IdleTimeout = TimeSpan.FromMilliseconds(300) });
        await using var client = await ConnectAsync(bridge, OwnCertificate(bridge), SslProtocols.Tls13);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(TimeSpan.FromSeconds(20));
        int read;
        try
        {
            read = await client.ReadAsync(new byte[1], bound.Token);
        }
        catch (IOException)
        {
            read = 0;
        }

        Assert.Equal(0, read);
    }

    [Fact]
    public void Certificates_are_kept_private_reused_and_remade_when_torn_or_expiring()
    {
        using var folder = new TemporaryFolder();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        string Made()
        {
            using var certificates = KmipCertificates.LoadOrCreate(folder.Path, time);
            return certificates.Authority.Thumbprint;
        }

        var first = Made();
        foreach (var name in new[] { "kmipCA.pem", "kmipClient.pem", "kmipServer.pem" })
        {
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder[name]));
        }

        Assert.Equal(first, Made());

        File.WriteAllText(folder["kmipClient.pem"], "-----BEGIN CERT");
        var second = Made();
        Assert.NotEqual(first, second);

        time.Advance(TimeSpan.FromDays(3640));
        Assert.NotEqual(second, Made());
    }

    private static X509Certificate2 OwnCertificate(RunningBridge bridge) => X509Certificate2.CreateFromPemFile(bridge.Certificates.ClientFile);

    private static async Task<SslStream> ConnectAsync(RunningBridge bridge, X509Certificate2? certificate, SslProtocols protocols)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", bridge.Port, TestContext.Current.CancellationToken);
        var tls = new SslStream(tcp.GetStream(), leaveInnerStreamOpen: false);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                // As mongod does: the name it was given, checked against the certificate and our CA.
                TargetHost = "127.0.0.1",
                EnabledSslProtocols = protocols,
                ClientCertificates = certificate is null ? null : [certificate],
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(bridge.Certificates.CaFile, TestContext.Current.CancellationToken)) },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
            TestContext.Current.CancellationToken);
        return tls;
    }

    private static async Task<Reply> AskAsync(SslStream client, KmipOperation operation, Action<TtlvWriter> payload)
    {
        await client.WriteAsync(Requests.Message(Version, (operation, payload)), TestContext.Current.CancellationToken);
        return await ReadAsync(client);
    }

    private static async Task<Reply> ReadAsync(SslStream client)
    {
        var header = new byte[TtlvItem.HeaderLength];
        await client.ReadExactlyAsync(header, TestContext.Current.CancellationToken);
        var message = new byte[header.Length + (int)TtlvItem.LengthIn(header)];
        header.CopyTo(message, 0);
        await client.ReadExactlyAsync(message.AsMemory(header.Length), TestContext.Current.CancellationToken);
        return new Reply(message);
    }
}
