using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Ear.Alerts;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using MimeKit;

namespace Ear.Providers.Smtp;

/// <summary>One mail, one conversation: notifications are rare, and a kept connection would mostly be found dead.</summary>
internal sealed class SmtpMail(IOptions<SmtpOptions> options, TimeProvider time) : IMail
{
    private readonly SmtpOptions _options = options.Value;

    public async Task SendAsync(Mail mail, CancellationToken cancellation)
    {
        using var message = MessageOf(mail);
        using var limit = new CancellationTokenSource(_options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            await SendAsync(message, either.Token);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException($"{Server} did not take the mail within {_options.Timeout.TotalSeconds:0} s. Check the server, or raise {SmtpOptions.Section}:Timeout.", e);
        }
        catch (Exception e) when (Explain(e) is { } text)
        {
            throw new IOException(text, e);
        }
    }

    private string Server => $"The mail server {_options.Host}:{_options.Port}";

    private async Task SendAsync(MimeMessage message, CancellationToken cancellation)
    {
        using var client = new SmtpClient();
        await client.ConnectAsync(_options.Host, _options.Port, _options.Tls switch
        {
            SmtpTls.None => SecureSocketOptions.None,
            SmtpTls.Implicit => SecureSocketOptions.SslOnConnect,
            _ => SecureSocketOptions.StartTls,
        }, cancellation);
        if (_options is { User: { } user, Password: { } password })
            await client.AuthenticateAsync(Encoding.UTF8, user, password, cancellation);
        await client.SendAsync(message, cancellation);
        try
        {
            await client.DisconnectAsync(quit: true, cancellation);
        }
        catch (Exception e) when (e is IOException or SocketException or ProtocolException or OperationCanceledException)
        {
            // The mail is theirs already: a goodbye that fails is no failure, and a repeat would be a second mail.
        }
    }

    private MimeMessage MessageOf(Mail mail)
    {
        var from = MailboxAddress.Parse(_options.From);
        var message = new MimeMessage
        {
            Subject = mail.Subject,
            Date = time.GetUtcNow(),
            MessageId = $"{LocalPart(mail.Id)}@{from.Domain}",
            Body = new TextPart("plain") { Text = mail.Body },
        };
        message.From.Add(from);
        message.To.AddRange(mail.To.Select(Recipient));
        // No vacation notices, no loops (RFC 3834).
        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }

    private static MailboxAddress Recipient(string address)
        => MailboxAddress.TryParse(address, out var mailbox) ? mailbox : throw new FormatException($"'{address}' is no mail address; correct it in the project's owner addresses.");

    // The same mail always gets the same Message-ID; an id with other characters than an address may have is told by its hash.
    private static string LocalPart(string id)
        => id.Length is > 0 and <= 100 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? id
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)));

    private string? Explain(Exception e) => e switch
    {
        SmtpCommandException c => $"{Server} refused the mail: {(int)c.StatusCode} {c.Message} Check {SmtpOptions.Section}:From and the owners' addresses.",
        AuthenticationException => $"{Server} refused the login of {_options.User}. Check {SmtpOptions.Section}:User and Password.",
        SslHandshakeException => $"{Server} and Ear did not agree on TLS. Check the server's certificate and {SmtpOptions.Section}:Tls.",
        NotSupportedException => $"{Server} does not offer what {SmtpOptions.Section} asks for (STARTTLS, or a login). Check {SmtpOptions.Section}:Tls and User.",
        SocketException or IOException => $"{Server} cannot be reached ({e.Message}). Check {SmtpOptions.Section}:Host, Port and the network.",
        ProtocolException => $"{Server} broke off or does not speak SMTP ({e.Message}). Check {SmtpOptions.Section}:Host, Port and Tls.",
        _ => null,
    };
}

public static class SmtpRegistration
{
    /// <summary><see cref="IMail"/> over SMTP (<see cref="SmtpOptions"/>). Needs a <see cref="TimeProvider"/>.</summary>
    public static IServiceCollection AddSmtp(this IServiceCollection services, Action<SmtpOptions>? configure = null)
    {
        services.AddOptions<SmtpOptions>().BindConfiguration(SmtpOptions.Section).Configure(configure ?? (_ => { })).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SmtpOptions>, SmtpOptionsCheck>());
        services.TryAddSingleton<IMail, SmtpMail>();
        return services;
    }
}
