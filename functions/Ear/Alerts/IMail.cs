using System.Collections.Immutable;

namespace Ear.Alerts;

/// <param name="Id">Stable per intended mail: a repeat after a lost answer carries the same Message-ID.</param>
public sealed record Mail(string Id, ImmutableArray<string> To, string Subject, string Body);

public interface IMail
{
    /// <summary>One recipient who is refused keeps no other from being mailed.</summary>
    /// <exception cref="MailServerAwayException">Nothing can be mailed now, this mail or any other.</exception>
    /// <exception cref="IOException">This mail was taken for nobody, and may be later; others may be taken now. No text names an address.</exception>
    Task<MailAnswer> SendAsync(Mail mail, CancellationToken cancellation);
}

public abstract record MailAnswer
{
    private MailAnswer()
    {
    }

    /// <summary>Somebody is mailed. A repeat would mail them twice, so whoever was refused is not tried again, even where the refusal may pass.</summary>
    /// <param name="But">Who is not, as in <see cref="Refused"/>; null: all are mailed.</param>
    public sealed record Taken(string? But = null) : MailAnswer;

    /// <summary>Nobody is mailed, and the same mail would be refused again.</summary>
    /// <param name="Why">For the log: how many were refused and by what status. No address is in it, which is somebody's.</param>
    public sealed record Refused(string Why) : MailAnswer;
}

/// <summary>The mail server cannot be reached, or does not let Ear in. Whoever has more to mail need not try now.</summary>
public sealed class MailServerAwayException(string message, Exception? inner = null) : IOException(message, inner);
