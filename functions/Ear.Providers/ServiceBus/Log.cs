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

    [LoggerMessage(3102, LogLevel.Error, "Event {Event} of project {Project} is larger than the {Limit} bytes of a transfer; it is announced without its details, which the API still has.")]
    public static partial void TooLargeForItsDetails(this ILogger logger, string @event, string project, long limit);

    [LoggerMessage(3103, LogLevel.Information, "Dead letter {Message} of subscription {Subscription} ({Reason}) was sent again, for the {Replays}. time.")]
    public static partial void SentAgain(this ILogger logger, string message, string subscription, string? reason, int replays);

    [LoggerMessage(3104, LogLevel.Error, "Dead letter {Message} of subscription {Subscription} is too large to be sent again; it stays where it is. Its event is read through the API.")]
    public static partial void TooLargeToSendAgain(this ILogger logger, Exception e, string message, string subscription);

    // At each run, as long as they are there: nobody else would say that a mail is missing.
    [LoggerMessage(3105, LogLevel.Error, "{Count} dead letters of {Topic}/{Subscription} are not sent again any more (after {MaxReplays} times, or too large). Find out why with the log of their receiver, then send or delete them by hand.")]
    public static partial void DeadLettersGivenUp(this ILogger logger, int count, string topic, string subscription, int maxReplays);
}
