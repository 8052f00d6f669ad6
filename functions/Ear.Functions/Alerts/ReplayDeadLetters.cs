using Ear.Alerts;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Ear.Functions.Alerts;

/// <summary>
/// Each hour, and at once by <c>POST /admin/functions/ReplayDeadLettersOf…</c>: what a subscriber could not take in all its tries (a mail server or a receiver
/// that was away) is sent to it again, under its id, so that nobody is told twice. A function for each subscription, for one of them may have to be asked alone.
/// </summary>
public sealed class ReplayDeadLetters(IDeadLetters deadLetters, ILogger<ReplayDeadLetters> logger)
{
    public const string OfMailName = "ReplayDeadLettersOfMail";
    public const string OfWebhookName = "ReplayDeadLettersOfWebhook";

    /// <summary>A run stays far below the time that a function may take; what is left waits for the next.</summary>
    public const int MaxPerRun = 200;

    /// <summary>The function that does it for a subscription of <see cref="EventsTopic.OfTheApp"/>.</summary>
    public static string FunctionOf(string subscription) => subscription switch
    {
        EventsTopic.MailName => OfMailName,
        EventsTopic.WebhookName => OfWebhookName,
        _ => throw new ArgumentOutOfRangeException(nameof(subscription), subscription, "No subscription of the app."),
    };

    [Function(OfMailName)]
    public Task OfMail([TimerTrigger("0 37 * * * *")] TimerInfo timer, CancellationToken cancellation) => RunAsync(EventsTopic.Mail, cancellation);

    [Function(OfWebhookName)]
    public Task OfWebhook([TimerTrigger("0 47 * * * *")] TimerInfo timer, CancellationToken cancellation) => RunAsync(EventsTopic.Webhook, cancellation);

    private async Task RunAsync(Subscription subscription, CancellationToken cancellation)
    {
        var replay = await deadLetters.ReplayAsync(subscription, MaxPerRun, cancellation);
        if (replay is not { Sent: 0, TooRecent: 0, GivenUp: 0 })
            Log.DeadLettersReplayed(logger, subscription.Name, replay.Sent, replay.TooRecent, replay.GivenUp);
    }
}
