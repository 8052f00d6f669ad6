using Ear.Projects;
using Microsoft.Extensions.Logging;

namespace Ear.Alerts;

/// <summary>Events 750 to 799. Addresses are somebody's, and in no line.</summary>
internal static partial class Log
{
    [LoggerMessage(750, LogLevel.Warning, "Alert {Alert} of project {Project} could not be mailed; a later round tries again")]
    public static partial void AlertNotMailed(ILogger logger, string alert, string project, Exception fault);

    [LoggerMessage(751, LogLevel.Warning, "Webhooks of alert {Alert} of project {Project} could not be told; a later round tries again")]
    public static partial void WebhooksNotTold(ILogger logger, string alert, string project, Exception fault);

    [LoggerMessage(752, LogLevel.Warning, "Webhook {Notifier} refused alert {Alert} of project {Project} for good: {Why} It is told again with its next reminder, if it has one")]
    public static partial void WebhookRefused(ILogger logger, string notifier, string alert, string project, string why);

    // Errors: somebody does not hear of a shut-down, and nobody else would say so.
    [LoggerMessage(753, LogLevel.Error, "A mail of alert {Alert} of project {Project} did not reach everybody: {Why} The others have it, so they who were refused are mailed with the next reminder only. Check the project's owner addresses, or those of its alert configurations")]
    public static partial void RecipientsRefused(ILogger logger, string alert, string project, string why);

    [LoggerMessage(754, LogLevel.Error, "A mail of alert {Alert} of project {Project} reached nobody and is given up: {Why} Check the project's owner addresses, or those of its alert configurations")]
    public static partial void MailRefused(ILogger logger, string alert, string project, string why);

    [LoggerMessage(755, LogLevel.Warning, "A round of mails ended early after {Looked} alerts, because the mail server is away; the next begins behind them")]
    public static partial void MailRoundEndedEarly(ILogger logger, int looked, Exception fault);

    [LoggerMessage(756, LogLevel.Warning, "A round of {Way} ended early after {Faults} alerts of which somebody could not be told; the next begins behind them")]
    public static partial void RoundEndedEarly(ILogger logger, string way, int faults);

    public static void RefusalsOf(ILogger logger, MailAnswer answer, AlertId alert, ProjectId project)
    {
        if (answer is MailAnswer.Refused refused)
            MailRefused(logger, alert.Value, project.Value, refused.Why);
        else if (answer is MailAnswer.Taken { But: { } but })
            RecipientsRefused(logger, alert.Value, project.Value, but);
    }
}
