using Microsoft.Extensions.Logging;

namespace Ear.Functions.Alerts;

/// <summary>Events 700 to 749.</summary>
internal static partial class Log
{
    [LoggerMessage(700, LogLevel.Information, "The owners of project {Project} were mailed about event {Event}")]
    public static partial void OwnersMailed(ILogger logger, string project, string @event);

    [LoggerMessage(701, LogLevel.Information, "{Count} mails of alerts were sent for project {Project} about event {Event}")]
    public static partial void AlertsMailed(ILogger logger, int count, string project, string @event);

    [LoggerMessage(702, LogLevel.Information, "Dead letters of subscription {Subscription}: {Sent} sent again, {TooRecent} too recent to be, {GivenUp} left for a person")]
    public static partial void DeadLettersReplayed(ILogger logger, string subscription, int sent, int tooRecent, int givenUp);

    [LoggerMessage(703, LogLevel.Information, "{Count} webhooks of project {Project} took event {Event}")]
    public static partial void WebhooksTold(ILogger logger, int count, string project, string @event);
}
