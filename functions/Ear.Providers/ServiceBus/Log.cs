using Microsoft.Extensions.Logging;

namespace Ear.Providers.ServiceBus;

// Ids 3100–3199.
internal static partial class Log
{
    // On the edge: once when announcing begins to fail; events wait in the outbox meanwhile.
    [LoggerMessage(3100, LogLevel.Error, "Events cannot be announced on topic {Topic}; they wait in the outbox and are tried again.")]
    public static partial void CannotAnnounce(this ILogger logger, Exception e, string topic);

    [LoggerMessage(3101, LogLevel.Information, "Events are announced again, after {Failures} failed attempts.")]
    public static partial void AnnouncesAgain(this ILogger logger, int failures);
}
