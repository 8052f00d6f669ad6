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
    public string? User { get; set; }

    /// <summary>Goes with <see cref="User"/>. In Azure a reference to a secret in Ear's vault, which the host resolves.</summary>
    public string? Password { get; set; }

    /// <summary>For one mail, connecting included. Default 30 s, 1 s to 5 minutes.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);
}

internal sealed class SmtpOptionsCheck : IValidateOptions<SmtpOptions>
{
    public ValidateOptionsResult Validate(string? name, SmtpOptions options)
    {
        var faults = new List<string>();
        if (string.IsNullOrWhiteSpace(options.Host))
            faults.Add($"{SmtpOptions.Section}:Host is empty; name the mail server.");
        if (options.Port is < 1 or > 65_535)
            faults.Add($"{SmtpOptions.Section}:Port is {options.Port}; choose 1 to 65535 (587 for STARTTLS, 465 for TLS).");
        if (!MailboxAddress.TryParse(options.From, out var from) || from.Domain.Length == 0)
            faults.Add($"{SmtpOptions.Section}:From is '{options.From}'; write an address, e.g. Ear <ear@example.org>.");
        if (options.Timeout < TimeSpan.FromSeconds(1) || options.Timeout > TimeSpan.FromMinutes(5))
            faults.Add($"{SmtpOptions.Section}:Timeout is {options.Timeout}; choose 1 s to 5 minutes.");
        if (options.User is null != options.Password is null)
            faults.Add($"{SmtpOptions.Section}:User and Password go together; set both, or neither.");
        if (options is { User: not null, Tls: SmtpTls.None })
            faults.Add($"{SmtpOptions.Section}:Tls is None and a User is set; the password would travel in the clear. Set Tls to StartTls or Implicit.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
