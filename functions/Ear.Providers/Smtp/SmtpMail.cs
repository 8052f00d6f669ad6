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

    public async Task<MailAnswer> SendAsync(Mail mail, CancellationToken cancellation)
    {
        var recipients = mail.To.Select(to => MailboxAddress.TryParse(to, out var mailbox) ? mailbox : null).OfType<MailboxAddress>().ToList();
        var refusals = new RecipientRefusals(mail.To.Length, noAddress: mail.To.Length - recipients.Count);
        if (recipients.Count == 0)
            return new MailAnswer.Refused(refusals.Text);
        using var message = MessageOf(mail, recipients);
        using var limit = new CancellationTokenSource(_options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        using var client = new PatientClient(refusals);
        var (isLetIn, isTaken) = (false, false);
        try
        {
            await ConnectAsync(client, either.Token);
            isLetIn = true;
            isTaken = await TrySendAsync(client, message, either.Token);
        }
        catch (Exception e) when (Explain(e, cancellation) is { } text)
        {
            // Its own words may quote an address.
            var cause = e is SmtpCommandException ? null : e;
            throw isLetIn && !IsAboutAllMails(e) ? new IOException(text, cause) : new MailServerAwayException(text, cause);
        }
        if (isTaken)
            return new MailAnswer.Taken(refusals.Any ? refusals.Text : null);
        return refusals.MayPass ? throw new IOException($"{Server} takes the mail for nobody now: {refusals.Text}") : new MailAnswer.Refused(refusals.Text);
    }

    private string Server => $"The mail server {_options.Host}:{_options.Port}";

    private async Task ConnectAsync(SmtpClient client, CancellationToken cancellation)
    {
        await client.ConnectAsync(_options.Host, _options.Port, _options.Tls switch
        {
            SmtpTls.None => SecureSocketOptions.None,
            SmtpTls.Implicit => SecureSocketOptions.SslOnConnect,
            _ => SecureSocketOptions.StartTls,
        }, cancellation);
        if (_options is { User: { } user, Password: { } password })
            await client.AuthenticateAsync(Encoding.UTF8, user, password, cancellation);
    }

    /// <returns>False: every recipient was refused.</returns>
    private static async Task<bool> TrySendAsync(PatientClient client, MimeMessage message, CancellationToken cancellation)
    {
        try
        {
            await client.SendAsync(message, cancellation);
        }
        catch (NobodyAcceptedException)
        {
            return false;
        }
        try
        {
            await client.DisconnectAsync(quit: true, cancellation);
        }
        catch (Exception e) when (e is IOException or SocketException or ProtocolException or OperationCanceledException)
        {
            // The mail is theirs already: a goodbye that fails is no failure, and a repeat would be a second mail.
        }
        return true;
    }

    // The sender is the same in each mail; only how large it is (552) is this mail's own.
    private static bool IsAboutAllMails(Exception e)
        => e is ServiceNotAuthenticatedException or SmtpCommandException { ErrorCode: SmtpErrorCode.SenderNotAccepted, StatusCode: not SmtpStatusCode.ExceededStorageAllocation };

    private MimeMessage MessageOf(Mail mail, IEnumerable<MailboxAddress> recipients)
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
        message.To.AddRange(recipients);
        // No vacation notices, no loops (RFC 3834).
        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }

    // The same mail always gets the same Message-ID; an id with other characters than an address may have is told by its hash.
    private static string LocalPart(string id)
        => id.Length is > 0 and <= 100 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? id
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)));

    /// <returns>Null: it is no failure of the server's. No address: a server's answer may quote one.</returns>
    private string? Explain(Exception e, CancellationToken cancellation) => e switch
    {
        MailServerAwayException => e.Message,
        OperationCanceledException when !cancellation.IsCancellationRequested
            => $"{Server} did not take the mail within {_options.Timeout.TotalSeconds:0} s. Check the server, or raise {SmtpOptions.Section}:Timeout.",
        SmtpCommandException c => $"{Server} refused the mail: {(int)c.StatusCode} {WithoutAddresses(c.Message)} Check {SmtpOptions.Section}:From.",
        AuthenticationException => $"{Server} refused the login of {_options.User}. Check {SmtpOptions.Section}:User and Password.",
        ServiceNotAuthenticatedException => $"{Server} wants a login. Set {SmtpOptions.Section}:User and Password.",
        SslHandshakeException => $"{Server} and Ear did not agree on TLS. Check the server's certificate and {SmtpOptions.Section}:Tls.",
        NotSupportedException => $"{Server} does not offer what {SmtpOptions.Section} asks for (STARTTLS, or a login). Check {SmtpOptions.Section}:Tls and User.",
        SocketException or IOException => $"{Server} cannot be reached ({e.Message}). Check {SmtpOptions.Section}:Host, Port and the network.",
        ProtocolException => $"{Server} broke off or does not speak SMTP ({e.Message}). Check {SmtpOptions.Section}:Host, Port and Tls.",
        _ => null,
    };

    private static string WithoutAddresses(string answer) => string.Join(' ', answer.Split(' ').Select(word => word.Contains('@', StringComparison.Ordinal) ? "(an address)" : word));
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
