using Microsoft.Extensions.Logging;

namespace Ear.Local.Mail;

// Ids 7500–7599.
internal static partial class Log
{
    [LoggerMessage(7500, LogLevel.Information, "Mail sink listens on 127.0.0.1:{Port} and keeps mails in {Folder}.")]
    public static partial void MailSinkListens(this ILogger logger, int port, string folder);

    // A client's doing, and it notices itself: nothing for the operator to act on.
    [LoggerMessage(7501, LogLevel.Debug, "A mail conversation broke off.")]
    public static partial void MailConversationBroke(this ILogger logger, Exception e);
}
