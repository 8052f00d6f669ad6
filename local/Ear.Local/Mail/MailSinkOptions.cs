namespace Ear.Local.Mail;

/// <param name="Folder">Where the mails are kept, as 000001.eml, 000002.eml, … in the order of their arrival.</param>
internal sealed record MailSinkOptions(string Folder)
{
    /// <summary>On loopback. Default 0: any free one, told by <see cref="MailSink.Port"/>.</summary>
    public int Port { get; init; }

    /// <summary>Larger mails are refused with 552. Default 10 MiB.</summary>
    public int MaxMessageBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>Recipients of one mail; more are refused with 452. Default 100.</summary>
    public int MaxRecipients { get; init; } = 100;

    /// <summary>What a recipient is answered in place of 250, e.g. "550 No such mailbox"; null: it is taken. Default: all are.</summary>
    public Func<string, string?> Refusal { get; init; } = _ => null;

    /// <summary>Conversations at once; more wait in the listener's backlog. Default 32.</summary>
    public int MaxConversations { get; init; } = 32;

    /// <summary>A client that is silent this long is told 421 and left. Default 60 s.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
