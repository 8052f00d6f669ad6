using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Ear.Alerts.Webhooks;
using Ear.Local.Kms.Data;
using Ear.Local.Kms.Tls;
using Ear.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Providers.Tests.Webhooks;

/// <summary>What a receiver gets, and what each of its answers means; both ends real, a socket between them.</summary>
public sealed class HttpWebhookTests : IAsyncLifetime
{
    private Receiver _receiver = null!;

    private string Url => $"http://127.0.0.1:{_receiver.Port}/hooks/ear?token=t";

    public async ValueTask InitializeAsync() => _receiver = await Receiver.StartAsync();

    public ValueTask DisposeAsync() => _receiver.DisposeAsync();

    [Fact]
    public async Task A_message_is_what_atlas_sends_with_a_signature_that_its_receivers_can_check()
    {
        using var sender = Local();
        const string Body = """{"eventTypeName":"AWS_ENCRYPTION_KEY_INVALID","humanReadable":"Größe ✓"}""";

        Assert.IsType<WebhookAnswer.Taken>(await sender.PostAsync(Url, "not-a-real-key", Body));

        var got = Assert.Single(_receiver.All);
        Assert.Equal(("POST", $"127.0.0.1:{_receiver.Port}/hooks/ear?token=t", Body), (got.Method, got.Target, Encoding.UTF8.GetString(got.Body)));
        Assert.Equal(("application/json", "alert.open", "m1", "Ear-Webhook"),
            (got.Headers["Content-Type"], got.Headers["X-MMS-Event"], got.Headers["X-Ear-Delivery"], got.Headers["User-Agent"]));
#pragma warning disable CA5350 // As Atlas's receivers do.
        Assert.Equal(Convert.ToBase64String(HMACSHA1.HashData("not-a-real-key"u8, got.Body)), got.Headers["X-MMS-Signature"]);
#pragma warning restore CA5350
    }

    /// <summary>Computed by Python's hmac: a mistake that both sides of the test above make would show here.</summary>
    [Fact]
    public async Task The_signature_is_base64_of_hmac_sha1_over_the_body()
    {
        using var sender = Local();
        await sender.PostAsync(Url, "not-a-real-key", """{"status":"OPEN"}""");
        Assert.Equal("cPm7dQII0hvhxWY5Xt0pga3MiyU=", Assert.Single(_receiver.All).Headers["X-MMS-Signature"]);
    }

    [Fact]
    public async Task Without_a_key_there_is_no_signature()
    {
        using var sender = Local();
        await sender.PostAsync(Url);
        Assert.DoesNotContain("X-MMS-Signature", Assert.Single(_receiver.All).Headers.Keys);
    }

    [Fact]
    public async Task Nothing_of_ours_goes_along()
    {
        using var heard = new ActivityListener { ShouldListenTo = _ => true, Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded };
        ActivitySource.AddActivityListener(heard);
        _receiver.Answer = context =>
        {
            context.Response.Cookies.Append("session", "1");
            return Task.CompletedTask;
        };
        using var sender = Local();
        using (var span = EarTraces.Start("cause"))
        {
            Assert.NotNull(span);
            span.AddBaggage("customer", "c");
            await sender.PostAsync(Url);
            await sender.PostAsync(Url);
        }
        Assert.Equal(2, _receiver.All.Count);
        Assert.All(_receiver.All, r => Assert.Equal(
            ["Content-Length", "Content-Type", "Host", "User-Agent", "X-Ear-Delivery", "X-MMS-Event"], r.Headers.Keys.Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(201)]
    [InlineData(202)]
    [InlineData(204)]
    public async Task A_2xx_is_taken(int status)
    {
        _receiver.Answers(status);
        using var sender = Local();
        Assert.IsType<WebhookAnswer.Taken>(await sender.PostAsync(Url));
    }

    [Theory]
    [InlineData(300)]
    [InlineData(301)]
    [InlineData(307)]
    [InlineData(308)]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(410)]
    [InlineData(413)]
    [InlineData(422)]
    public async Task What_would_be_said_again_is_a_refusal(int status)
    {
        _receiver.Answers(status, "https://hooks.example.com/");
        using var sender = Local();
        Assert.Contains($"{status}", Assert.IsType<WebhookAnswer.Refused>(await sender.PostAsync(Url)).Why);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(425)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task What_may_be_otherwise_in_a_while_is_a_fault(int status)
    {
        _receiver.Answers(status);
        using var sender = Local();
        Assert.Contains($"{status}", (await Assert.ThrowsAnyAsync<IOException>(() => sender.PostAsync(Url))).Message);
        Assert.Single(_receiver.All);
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_is_waited_for_so_long_and_no_longer()
    {
        var time = new FakeTimeProvider();
        _receiver.Answer = context => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
        using var sender = Local(time);
        var post = sender.PostAsync(Url);
        await _receiver.ArrivedAsync();

        time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(post.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        var fault = await Assert.ThrowsAnyAsync<IOException>(() => post);
        Assert.Equal("No answer within 10 s.", fault.Message);
    }

    [Fact]
    public async Task Of_an_answer_without_an_end_only_the_status_is_read()
    {
        // Far more than lies in buffers between the two, which on one machine may be tens of megabytes.
        const long endless = 1L << 30;
        var cutOff = new TaskCompletionSource<bool>();
        _receiver.Answer = async context =>
        {
            var chunk = new byte[64 * 1024];
            try
            {
                for (var written = 0L; written < endless; written += chunk.Length)
                    await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
                cutOff.SetResult(false);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                cutOff.SetResult(true);
            }
        };
        using var sender = Local();

        Assert.IsType<WebhookAnswer.Taken>(await sender.PostAsync(Url));
        Assert.True(await cutOff.Task.WaitAsync(TestContext.Current.CancellationToken), "All of it was read.");
    }

    [Fact]
    public async Task Headers_without_an_end_are_a_fault()
    {
        _receiver.Answer = context =>
        {
            for (var i = 0; i < 40; i++)
                context.Response.Headers[$"X-{i}"] = new string('x', 1024);
            return Task.CompletedTask;
        };
        using var sender = Local();
        await Assert.ThrowsAnyAsync<IOException>(() => sender.PostAsync(Url));
    }

    [Fact]
    public async Task A_connection_that_breaks_is_a_fault()
    {
        _receiver.Answer = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        using var sender = Local();
        await Assert.ThrowsAnyAsync<IOException>(() => sender.PostAsync(Url));
    }

    [Fact]
    public async Task A_name_that_is_not_known_is_a_fault_that_does_not_name_it()
    {
        using var sender = new Sender();
        Assert.Equal("Its name is not known.", (await Assert.ThrowsAnyAsync<IOException>(() => sender.PostAsync("https://hidden.example.com/"))).Message);
    }

    [Fact]
    public async Task By_https_the_certificate_has_to_be_for_the_host_and_of_an_authority_that_is_trusted()
    {
        var folder = Directory.CreateTempSubdirectory("ear-webhook-").FullName;
        try
        {
            using var certificate = LocalCa.LoadOrCreate(new KmsFolder(folder), TimeProvider.System).Issue();
            using var strangers = LocalCa.Unknown(TimeProvider.System).Issue();
            await using var trusted = await Receiver.StartAsync(certificate);
            await using var unknown = await Receiver.StartAsync(strangers);
            var names = new Names(["127.0.0.1"]);
            using var sender = new Sender(o => (o.LocalHosts, o.CaFile) = ("localhost,hooks.internal", Path.Combine(folder, LocalCa.CertificateFile)), names);

            Assert.IsType<WebhookAnswer.Taken>(await sender.PostAsync($"https://localhost:{trusted.Port}/"));
            Assert.StartsWith("localhost:", Assert.Single(trusted.All).Target);
            foreach (var bad in new[] { $"https://localhost:{unknown.Port}/", $"https://hooks.internal:{trusted.Port}/" })
                Assert.Contains("certificate", (await Assert.ThrowsAnyAsync<IOException>(() => sender.PostAsync(bad))).Message);
            Assert.Empty(unknown.All);
            Assert.Single(trusted.All);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Connections_are_used_again_and_bounded()
    {
        using var sender = new Sender(o => (o.LocalHosts, o.ConnectionsPerHost) = ("127.0.0.1", 2));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => sender.PostAsync(Url)));
        Assert.Equal(20, _receiver.All.Count);
        Assert.InRange(_receiver.Connections, 1, 2);
    }

    private static Sender Local(TimeProvider? time = null) => new(o => o.LocalHosts = "127.0.0.1", time: time);
}
