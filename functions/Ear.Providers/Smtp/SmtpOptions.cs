using Ear.Settings;
using Microsoft.Extensions.Options;
using MimeKit;

namespace Ear.Providers.Smtp;

public enum SmtpTls
{
    /// <summary>No encryption: for a server on this machine.</summary>
    None,

    /// <summary>STARTTLS, demanded: a server that does not offer it is refused (port 587).</summary>
    StartTls,

    /// <summary>TLS from the first byte (port 465).</summary>
    Implicit,
}

/// <summary>The mail server that takes Ear's notifications.</summary>
public sealed class SmtpOptions
{
    public const string Section = "Ear:Smtp";

    /// <summary>No default.</summary>
    public string Host { get; set; } = "";

    /// <summary>Default 587, 1 to 65,535.</summary>
    public int Port { get; set; } = 587;

    /// <summary>Default StartTls.</summary>
    public SmtpTls Tls { get; set; } = SmtpTls.StartTls;

    /// <summary>The sender, e.g. <c>Ear &lt;ear@example.org&gt;</c>; its domain also ends the Message-IDs. No default.</summary>
    public string From { get; set; } = "";

    /// <summary>Null: no authentication.</summary>
    public string? User { get; set => field = string.IsNullOrEmpty(value) ? null : value; }

    /// <summary>Goes with <see cref="User"/>. In Azure a reference to a secret in Ear's vault, which the host resolves.</summary>
    public string? Password { get; set => field = string.IsNullOrEmpty(value) ? null : value; }

    /// <summary>For one mail, connecting included. Default 30 s, 1 s to 5 minutes.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);
}

internal sealed class SmtpOptionsCheck : IValidateOptions<SmtpOptions>
{
    public ValidateOptionsResult Validate(string? name, SmtpOptions options)
    {
        var faults = new OptionFaults(SmtpOptions.Section);
        if (string.IsNullOrWhiteSpace(options.Host))
            faults.Add(nameof(options.Host), "is empty; name the mail server.");
        if (options.Port is < 1 or > 65_535)
            faults.Add(nameof(options.Port), $"is {options.Port}; choose 1 to 65535 (587 for STARTTLS, 465 for TLS).");
        if (!MailboxAddress.TryParse(options.From, out var from) || from.Domain.Length == 0)
            faults.Add(nameof(options.From), $"is '{options.From}'; write the address that Ear's mails come from, e.g. Ear <ear@example.org>.");
        faults.Within(nameof(options.Timeout), options.Timeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        if (options.User is null != options.Password is null)
            faults.Add(nameof(options.User), $"and {nameof(options.Password)} go together; set both, or neither.");
        if (options is { User: not null, Tls: SmtpTls.None })
            faults.Add(nameof(options.Tls), $"is None and a {nameof(options.User)} is set; the password would travel in the clear. Choose StartTls or Implicit.");
        if (!Enum.IsDefined(options.Tls))
            faults.Add(nameof(options.Tls), "is none of None, StartTls and Implicit.");
        return faults.Result;
    }
}
