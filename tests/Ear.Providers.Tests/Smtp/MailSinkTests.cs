using System.Net;
using System.Net.Sockets;
using System.Text;
using Ear.Local.Mail;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ear.Providers.Tests.Smtp;

/// <summary>The sink, spoken to by hand.</summary>
public sealed class MailSinkTests : IAsyncDisposable
{
    private readonly TestFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly MailSink _sink;

    public MailSinkTests() => _sink = MailSink.Start(new MailSinkOptions(_folder["mail"]) { MaxMessageBytes = 2000, MaxRecipients = 3 }, _time, NullLogger.Instance);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _sink.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_conversation_goes_as_the_standard_says()
    {
        using var client = await Client.ConnectAsync(_sink.Port);

        await client.SaysAsync("EHLO client", "250-localhost", "250-PIPELINING", "250-8BITMIME", "250 SIZE 2000");
        await client.SaysAsync("MAIL FROM:<ear@example.org> SIZE=100 BODY=8BITMIME", "250 Go on");
        await client.SaysAsync("rcpt to:<a@example.org>", "250 Go on");
        await client.SaysAsync("NOOP", "250 Yes");
        await client.SaysAsync("DATA", "354 End with a line that holds a dot alone");
        await client.SaysAsync("Message-ID: <1@example.org>\r\n\r\n..dot\r\n.", "250 Kept");
        await client.SaysAsync("QUIT", "221 Goodbye");

        var taken = Assert.Single(_sink.List());
        Assert.Equal(("1@example.org", ".dot\n"), (taken.MessageId, taken.Text.ReplaceLineEndings("\n")));
        Assert.Equal(["a@example.org"], taken.Envelope);
        Assert.StartsWith("Return-Path: <ear@example.org>\r\n", await File.ReadAllTextAsync(taken.File, Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_out_of_order_are_refused_and_nothing_is_kept()
    {
        using var client = await Client.ConnectAsync(_sink.Port);

        await client.SaysAsync("MAIL FROM:<a@example.org>", "503 Say EHLO first");
        await client.SaysAsync("HELO", "501 Name yourself");
        await client.SaysAsync("HELO client", "250 localhost");
        await client.SaysAsync("RCPT TO:<a@example.org>", "503 Say MAIL first");
        await client.SaysAsync("DATA", "503 Say MAIL and RCPT first");
        await client.SaysAsync("MAIL FROM:<>", "250 Go on");
        await client.SaysAsync("MAIL FROM:<>", "503 One mail at a time; RSET forgets this one");
        await client.SaysAsync("DATA", "503 Say MAIL and RCPT first");
        await client.SaysAsync("RSET", "250 Forgotten");
        await client.SaysAsync("RCPT TO:<a@example.org>", "503 Say MAIL first");
        await client.SaysAsync("MAIL FROM: nobody", "501 Say MAIL FROM:<address>");
        await client.SaysAsync("MAIL FROM:<a@example.org> SIZE=2001", "552 Too large; at most 2000 bytes");
        await client.SaysAsync("MAIL FROM:<a@example.org> AUTH=x", "555 Parameter not known");
        await client.SaysAsync("STARTTLS", "500 Not a command here");
        await client.SaysAsync("", "500 Not a command here");
        Assert.Empty(_sink.List());
    }

    [Fact]
    public async Task More_recipients_than_allowed_are_refused_and_the_others_kept()
    {
        using var client = await Client.ConnectAsync(_sink.Port);
        await client.SaysAsync("HELO client", "250 localhost");
        await client.SaysAsync("MAIL FROM:<>", "250 Go on");
        for (var i = 0; i < 3; i++)
            await client.SaysAsync($"RCPT TO:<r{i}@example.org>", "250 Go on");
        await client.SaysAsync("RCPT TO:<r3@example.org>", "452 Too many recipients");
        await client.SaysAsync("DATA", "354 End with a line that holds a dot alone");
        await client.SaysAsync(".", "250 Kept");

        Assert.Equal(3, Assert.Single(_sink.List()).Envelope.Count);
    }

    [Fact]
    public async Task Two_mails_in_one_packet_are_two_mails()
    {
        using var client = await Client.ConnectAsync(_sink.Port);
        const string mail = "MAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\nDATA\r\nSubject: s\r\n\r\nb\r\n.\r\n";

        await client.SaysAsync($"HELO client\r\n{mail}{mail}QUIT",
            "250 localhost",
            "250 Go on", "250 Go on", "354 End with a line that holds a dot alone", "250 Kept",
            "250 Go on", "250 Go on", "354 End with a line that holds a dot alone", "250 Kept",
            "221 Goodbye");

        Assert.Equal(2, _sink.List().Count);
    }

    [Fact]
    public async Task A_mail_that_is_too_large_is_refused_and_the_conversation_goes_on()
    {
        using var client = await Client.ConnectAsync(_sink.Port);
        await client.SaysAsync("HELO client", "250 localhost");
        await client.SaysAsync("MAIL FROM:<>", "250 Go on");
        await client.SaysAsync("RCPT TO:<a@example.org>", "250 Go on");
        await client.SaysAsync("DATA", "354 End with a line that holds a dot alone");

        await client.SaysAsync(new string('x', 3000) + "\r\n.", "552 Too large; at most 2000 bytes");

        await client.SaysAsync("NOOP", "250 Yes");
        Assert.Empty(_sink.List());
    }

    [Fact]
    public async Task A_silent_client_is_told_and_left()
    {
        using var client = await Client.ConnectAsync(_sink.Port);
        await client.SaysAsync("NOOP", "250 Yes");

        var answer = client.HearsAsync();
        for (var i = 0; !answer.IsCompleted && i < 3000; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10, Cancellation);
        }

        Assert.Equal("421 Silent for too long", await answer);
        Assert.Null(await client.HearsAsync());
    }

    [Fact]
    public async Task A_client_that_only_makes_mistakes_is_left()
    {
        using var client = await Client.ConnectAsync(_sink.Port);
        for (var i = 0; i < 19; i++)
            await client.SaysAsync("FOO", "500 Not a command here");
        await client.SaysAsync("FOO", "500 Not a command here", "421 Too many mistakes");

        Assert.Null(await client.HearsAsync());
    }

    [Fact]
    public async Task An_endless_line_is_not_kept_in_memory()
    {
        using var client = await Client.ConnectAsync(_sink.Port);
        await client.SaysAsync(new string('x', 3000), "500 Line too long");

        Assert.Null(await client.HearsAsync());
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_leaves_no_mail()
    {
        using (var client = await Client.ConnectAsync(_sink.Port))
        {
            await client.SaysAsync("HELO client", "250 localhost");
            await client.SaysAsync("MAIL FROM:<>", "250 Go on");
            await client.SaysAsync("RCPT TO:<a@example.org>", "250 Go on");
            await client.SaysAsync("DATA", "354 End with a line that holds a dot alone");
        }
        // Stopping waits for every conversation to end.
        await _sink.DisposeAsync();

        Assert.Empty(Directory.GetFiles(_folder["mail"]));
    }

    [Fact]
    public async Task A_sink_that_starts_again_goes_on_counting()
    {
        var folder = new MailFolder(_folder["again"]);
        await folder.KeepAsync("", ["a@example.org"], "Subject: 1\r\n\r\n"u8.ToArray(), Cancellation);
        await File.WriteAllTextAsync(Path.Combine(_folder["again"], "000002.eml.part"), "half", Cancellation);

        var later = new MailFolder(_folder["again"]);
        await later.KeepAsync("", ["a@example.org"], "Subject: 2\r\n\r\n"u8.ToArray(), Cancellation);

        Assert.Equal(["1", "2"], later.List().Select(m => m.Subject));
        Assert.Empty(Directory.GetFiles(_folder["again"], "*.part"));
    }

    private sealed class Client : IDisposable
    {
        private readonly TcpClient _connection = new();
        private readonly StreamReader _answers;

        private Client(int port)
        {
            _connection.Connect(IPAddress.Loopback, port);
            _answers = new StreamReader(_connection.GetStream(), Encoding.ASCII);
        }

        public static async Task<Client> ConnectAsync(int port)
        {
            var client = new Client(port);
            Assert.StartsWith("220 ", await client.HearsAsync(), StringComparison.Ordinal);
            return client;
        }

        public async Task SaysAsync(string lines, params string[] answers)
        {
            await _connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(lines + "\r\n"), Cancellation);
            foreach (var answer in answers)
                Assert.Equal(answer, await HearsAsync());
        }

        public Task<string?> HearsAsync() => _answers.ReadLineAsync(Cancellation).AsTask();

        public void Dispose() => _connection.Dispose();
    }
}
