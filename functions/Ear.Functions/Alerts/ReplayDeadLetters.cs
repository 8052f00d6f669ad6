using Ear.Alerts;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Ear.Functions.Alerts;

/// <summary>
/// Each hour, and at once by <c>POST /admin/functions/ReplayDeadLetters</c>: what a subscriber could not take in all its tries (a mail server
/// that was away) is sent to it again, under its id, so that nobody is mailed twice.
/// </summary>
public sealed class ReplayDeadLetters(IDeadLetters deadLetters, ILogger<ReplayDeadLetters> logger)
{
    /// <summary>A run stays far below the time that a function may take; what is left waits for the next.</summary>
    public const int MaxPerRun = 200;

    [Function(nameof(ReplayDeadLetters))]
    public async Task Run([TimerTrigger("0 37 * * * *")] TimerInfo timer, CancellationToken cancellation)
    {
        foreach (var subscription in EventsTopic.OfTheApp)
        {
            var replay = await deadLetters.ReplayAsync(subscription, MaxPerRun, cancellation);
            if (replay is not { Sent: 0, TooRecent: 0, GivenUp: 0 })
                Log.DeadLettersReplayed(logger, subscription.Name, replay.Sent, replay.TooRecent, replay.GivenUp);
        }
    }
}
