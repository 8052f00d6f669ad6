using System.Collections.Immutable;

namespace Ear.Alerts;

/// <param name="Id">Stable per intended mail: a repeat after a lost answer carries the same Message-ID.</param>
public sealed record Mail(string Id, ImmutableArray<string> To, string Subject, string Body);

public interface IMail
{
    /// <exception cref="IOException">The mail server could not be reached or refused; try again later.</exception>
    Task SendAsync(Mail mail, CancellationToken cancellation);
}
