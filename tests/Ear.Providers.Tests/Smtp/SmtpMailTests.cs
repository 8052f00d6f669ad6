using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Ear.Alerts;
using Ear.Local.Mail;
using Ear.Providers.Smtp;
using Ear.Providers.Tests.Stores;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Providers.Tests.Smtp;

/// <summary>Ear's mail to the local sink: both ends real, a socket between them.</summary>
public sealed class SmtpMailTests : IAsyncDisposable
{
    private readonly TestFolder _folder = new();
    private readonly MailSink _sink;

    public SmtpMailTests() => _sink = MailSink.Start(new MailSinkOptions(_folder["mail"]), TimeProvider.System, NullLogger.Instance);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _sink.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("One line")]
    [InlineData("A line\n.\n..two dots\n.leading dot\n\nMAIL FROM:<not@a.command>\nQUIT\n.")]
    [InlineData("Größe ✓ 顧客 🔑")]
    [InlineData("")]
    public async Task Any_body_arrives_as_it_was_written(string body)
    {
        await Mail().SendAsync(new Mail("m1", ["owner@example.org"], "orders was shut down", body), Cancellation);

        Assert.Equal(body, Assert.Single(_sink.List()).Text.ReplaceLineEndings("\n").TrimEnd('\n') is var text && body.EndsWith('\n') ? text + "\n" : text);
    }

    [Fact]
    public async Task Long_lines_and_long_subjects_arrive_whole()
    {
        var body = string.Join('\n', Enumerable.Range(0, 20).Select(i => new string((char)('a' + i), 5000)));
        var subject = string.Join(' ', Enumerable.Repeat("Schlüssel ✓", 40));

        await Mail().SendAsync(new Mail("m1", ["owner@example.org"], subject, body), Cancellation);

        var taken = Assert.Single(_sink.List());
        Assert.Equal((subject, body), (taken.Subject, taken.Text.ReplaceLineEndings("\n").TrimEnd('\n')));
    }

    [Fact]
    public async Task Every_recipient_is_in_the_envelope()
    {
        await Mail().SendAsync(new Mail("m1", ["a@example.org", "b@example.org", "c@example.org"], "s", "b"), Cancellation);

        Assert.Equal(["a@example.org", "b@example.org", "c@example.org"], Assert.Single(_sink.List()).Envelope);
    }

    [Fact]
    public async Task A_repeat_carries_the_same_Message_ID_and_the_sink_shows_both()
    {
        var mail = new Mail("shutdown-65f1-1", ["owner@example.org"], "s", "b");
        await Mail().SendAsync(mail, Cancellation);
        await Mail().SendAsync(mail, Cancellation);
        await Mail().SendAsync(mail with { Id = "any / text: ✓" }, Cancellation);
        await Mail().SendAsync(mail with { Id = "any / text: ✗" }, Cancellation);

        var ids = _sink.List().Select(m => m.MessageId).ToList();
        Assert.Equal(["shutdown-65f1-1@example.org", "shutdown-65f1-1@example.org"], ids[..2]);
        Assert.Equal(3, ids.Distinct().Count());
    }

    [Fact]
    public async Task A_subject_cannot_add_headers()
    {
        await Mail().SendAsync(new Mail("m1", ["owner@example.org"], "Hello\r\nBcc: victim@example.org", "b"), Cancellation);

        var taken = Assert.Single(_sink.List());
        Assert.Equal(["owner@example.org"], taken.Envelope);
        Assert.DoesNotContain("\nBcc:", await File.ReadAllTextAsync(taken.File, Cancellation), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_an_IOException_that_says_what_to_check()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();

        var e = await Assert.ThrowsAsync<MailServerAwayException>(() => Mail(o => o.Port = port).SendAsync(new Mail("m1", ["owner@example.org"], "s", "b"), Cancellation));

        Assert.StartsWith($"The mail server 127.0.0.1:{port} cannot be reached", e.Message, StringComparison.Ordinal);
        Assert.Contains("Ear:Smtp:Host", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_silent_is_given_up_after_the_timeout()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var time = new FakeTimeProvider();
        var sending = Mail(o => o.Port = ((IPEndPoint)silent.LocalEndpoint).Port, time).SendAsync(new Mail("m1", ["owner@example.org"], "s", "b"), Cancellation);
        using var connected = await silent.AcceptTcpClientAsync(Cancellation);

        time.Advance(TimeSpan.FromSeconds(31));

        Assert.Contains("did not take the mail within 30 s", (await Assert.ThrowsAsync<MailServerAwayException>(() => sending)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_the_demanded_TLS_gets_no_mail()
    {
        var e = await Assert.ThrowsAsync<MailServerAwayException>(() => Mail(o => o.Tls = SmtpTls.StartTls).SendAsync(new Mail("m1", ["owner@example.org"], "s", "b"), Cancellation));

        Assert.Contains("Ear:Smtp:Tls", e.Message, StringComparison.Ordinal);
        Assert.Empty(_sink.List());
    }

    [Fact]
    public async Task A_mail_that_the_server_refuses_is_an_IOException_with_its_answer()
    {
        await using var small = MailSink.Start(new MailSinkOptions(_folder["small"]) { MaxMessageBytes = 1000 }, TimeProvider.System, NullLogger.Instance);

        var e = await Assert.ThrowsAsync<IOException>(() => Mail(o => o.Port = small.Port).SendAsync(new Mail("m1", ["owner@example.org"], "s", new string('x', 5000)), Cancellation));

        Assert.Contains("Too large", e.Message, StringComparison.Ordinal);
        Assert.Empty(small.List());
    }

    [Theory]
    [InlineData("550 <gone@example.org>: no such mailbox", "of 3 recipients 1 refused with 550.")]
    [InlineData("450 Greylisted", "of 3 recipients 1 refused with 450.")]
    public async Task A_recipient_who_is_refused_keeps_no_other_from_the_mail(string refusal, string but)
    {
        await using var sink = Refusing(to => to.StartsWith("gone", StringComparison.Ordinal) ? refusal : null);

        var answer = await Mail(o => o.Port = sink.Port).SendAsync(new Mail("m1", ["a@example.org", "gone@example.org", "b@example.org"], "s", "b"), Cancellation);

        Assert.Equal(new MailAnswer.Taken(but), answer);
        Assert.Equal(["a@example.org", "b@example.org"], Assert.Single(sink.List()).Envelope);
    }

    [Fact]
    public async Task A_mail_that_is_refused_for_every_recipient_for_good_is_an_answer()
    {
        await using var sink = Refusing(to => to.StartsWith('a') ? "550 No such mailbox" : "553 Not here");

        var answer = await Mail(o => o.Port = sink.Port).SendAsync(new Mail("m1", ["a@example.org", "b@example.org"], "s", "b"), Cancellation);

        Assert.Equal(new MailAnswer.Refused("of 2 recipients 1 refused with 550, 1 refused with 553."), answer);
        Assert.Empty(sink.List());
    }

    [Fact]
    public async Task A_mail_that_may_be_taken_for_somebody_later_is_an_IOException_that_names_no_address_and_blames_no_server()
    {
        await using var sink = Refusing(to => to.StartsWith('a') ? "550 No such mailbox" : "452 b@example.org is full");

        var e = await Assert.ThrowsAsync<IOException>(() => Mail(o => o.Port = sink.Port).SendAsync(new Mail("m1", ["a@example.org", "b@example.org"], "s", "b"), Cancellation));

        Assert.Contains("1 refused with 452, 1 refused with 550", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("@", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_mail_address_is_refused_without_asking_and_the_others_are_mailed()
    {
        // System.Net.Mail, which the doors go by, takes it.
        const string odd = "owner@[not an address";
        Assert.Equal(new MailAnswer.Refused("of 1 recipients 1 no mail address."), await Mail(o => o.Port = 1).SendAsync(new Mail("m1", [odd], "s", "b"), Cancellation));

        Assert.Equal(new MailAnswer.Taken("of 2 recipients 1 no mail address."), await Mail().SendAsync(new Mail("m1", [odd, "owner@example.org"], "s", "b"), Cancellation));
        Assert.Equal(["owner@example.org"], Assert.Single(_sink.List()).Envelope);
    }

    [Theory]
    [InlineData("größe@example.org")]
    [InlineData("owner@größe.example")]
    public async Task An_address_beyond_what_the_server_takes_keeps_no_other_from_the_mail(string beyond)
    {
        await Mail().SendAsync(new Mail("m1", [beyond, "owner@example.org"], "s", "b"), Cancellation);

        Assert.Contains("owner@example.org", Assert.Single(_sink.List()).Envelope);
    }

    [Fact]
    public async Task A_server_that_wants_a_login_first_is_no_recipients_fault()
    {
        await using var sink = Refusing(_ => "530 Authentication required");

        var e = await Assert.ThrowsAsync<MailServerAwayException>(() => Mail(o => o.Port = sink.Port).SendAsync(new Mail("m1", ["owner@example.org"], "s", "b"), Cancellation));

        Assert.Contains("Ear:Smtp:User", e.Message, StringComparison.Ordinal);
    }

    /// <summary>The sink knows no login, so this one comes to an end before it is made: what is told of it names the settings and never the password.</summary>
    [Fact]
    public async Task What_is_told_of_a_login_that_fails_has_no_password_in_it()
    {
        var e = await Assert.ThrowsAsync<MailServerAwayException>(() => Mail(o => (o.User, o.Password) = ("ear", "hunter2-hunter2")).SendAsync(new Mail("m1", ["owner@example.org"], "s", "b"), Cancellation));

        Assert.Contains("Ear:Smtp", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", e.ToString(), StringComparison.Ordinal);
        Assert.Empty(_sink.List());
    }

    /// <summary>As deployed: the sample's values, and what an operator has to fill in. Its empty User and Password mean none.</summary>
    [Fact]
    public async Task With_the_sample_s_settings_a_mail_is_sent_without_a_login()
    {
        var values = JsonNode.Parse(await File.ReadAllTextAsync(Sample(), Cancellation))!["Values"]!.AsObject().Select(v => KeyValuePair.Create(v.Key.Replace("__", ":", StringComparison.Ordinal), (string?)v.Value!.GetValue<string>()));
        var options = new SmtpOptions();
        new ConfigurationBuilder().AddInMemoryCollection(values).Build().GetSection(SmtpOptions.Section).Bind(options);
        Assert.Equal(["Ear:Smtp:From", "Ear:Smtp:Host"], new SmtpOptionsCheck().Validate(null, options).Failures!.Select(f => f.Split(' ')[0]).Order(StringComparer.Ordinal));
        // The sink of this test has no certificate.
        (options.Host, options.Port, options.From, options.Tls) = ("127.0.0.1", _sink.Port, "Ear <ear@example.org>", SmtpTls.None);

        Assert.True(new SmtpOptionsCheck().Validate(null, options).Succeeded);
        await new SmtpMail(Options.Create(options), new FakeTimeProvider(Some.Noon)).SendAsync(new Mail("m1", ["owner@example.org"], "s", "b"), Cancellation);

        Assert.Single(_sink.List());
    }

    [Fact]
    public void All_faults_of_the_settings_are_told_at_once()
    {
        var result = new SmtpOptionsCheck().Validate(null, new SmtpOptions { Port = 0, From = "nobody", Tls = SmtpTls.None, User = "ear", Timeout = TimeSpan.Zero });

        Assert.Equal(6, result.Failures!.Count());
        Assert.True(new SmtpOptionsCheck().Validate(null, new SmtpOptions { Host = "mail.example.org", From = "Ear <ear@example.org>" }).Succeeded);
    }

    private MailSink Refusing(Func<string, string?> refusal)
        => MailSink.Start(new MailSinkOptions(_folder["refusing"]) { Refusal = refusal }, TimeProvider.System, NullLogger.Instance);

    private static string Sample()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "local.settings.sample.json")))
            at = at.Parent ?? throw new InvalidOperationException("local.settings.sample.json is not above this test program.");
        return Path.Combine(at.FullName, "local.settings.sample.json");
    }

    private SmtpMail Mail(Action<SmtpOptions>? change = null, TimeProvider? time = null)
    {
        var options = new SmtpOptions { Host = "127.0.0.1", Port = _sink.Port, Tls = SmtpTls.None, From = "Ear <ear@example.org>" };
        change?.Invoke(options);
        return new SmtpMail(Options.Create(options), time ?? new FakeTimeProvider(Some.Noon));
    }
}
