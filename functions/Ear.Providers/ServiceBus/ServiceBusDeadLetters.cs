using Azure.Messaging.ServiceBus;
using Ear.Alerts;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ear.Providers.ServiceBus;

/// <summary>
/// Dead letters of one subscription, sent to the topic again. The topic's other subscriptions hear such an event twice, under one id; property
/// <see cref="ForProperty"/> says whom it is for, <see cref="CountProperty"/> how often it was sent again.
/// </summary>
internal sealed class ServiceBusDeadLetters(ServiceBusClient client, IOptions<AnnouncerOptions> options, TimeProvider time, ILogger<ServiceBusDeadLetters> logger) : IDeadLetters
{
    public const string CountProperty = "replays";
    public const string ForProperty = "replayedFor";

    /// <summary>A day of hourly runs: a receiver that was away for so long needs a person anyway.</summary>
    public const int MaxReplays = 24;

    /// <summary>Clocks of here and there may differ.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    /// <summary>
    /// For each that may be sent so many are looked at: those that were given up stay where they are, mostly at the head, and must not hide what came later. 2,000
    /// for 200 are a few peeks, and half a minute of receiving at 15 ms each, within which no lock ends.
    /// </summary>
    private const int LookedAtForEach = 10;
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    private enum Fate
    {
        Due,
        TooRecent,
        GivenUp,
    }

    public async Task<DeadLetterReplay> ReplayAsync(Subscription subscription, int max, CancellationToken cancellation)
    {
        await using var receiver = client.CreateReceiver(options.Value.Topic, subscription.Name, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        // Looked at first: what is not due is not locked, and an empty queue is not waited for.
        var fates = await PeekAsync(receiver, max, cancellation);
        var due = fates.Count(f => f is Fate.Due);
        var (sent, tooLarge) = due == 0 ? (0, 0) : await SendDueAsync(receiver, subscription, due, fates.Count, cancellation);
        var replay = new DeadLetterReplay(sent, fates.Count(f => f is Fate.TooRecent), fates.Count(f => f is Fate.GivenUp) + tooLarge);
        if (replay.GivenUp > 0)
            logger.DeadLettersGivenUp(replay.GivenUp, options.Value.Topic, subscription.Name, MaxReplays);
        return replay;
    }

    /// <summary>Up to the last that is to be sent. One answer may hold fewer than asked for, though there are more.</summary>
    private async Task<List<Fate>> PeekAsync(ServiceBusReceiver receiver, int max, CancellationToken cancellation)
    {
        var fates = new List<Fate>();
        var (due, most) = (0, max * LookedAtForEach);
        long? from = null;
        while (due < max && fates.Count < most && await receiver.PeekMessagesAsync(Math.Min(max, most - fates.Count), from, cancellation) is { Count: > 0 } seen)
        {
            foreach (var fate in seen.Select(FateOf).TakeWhile(_ => due < max))
            {
                fates.Add(fate);
                due += fate is Fate.Due ? 1 : 0;
            }
            from = seen[^1].SequenceNumber + 1;
        }
        return fates;
    }

    private async Task<(int Sent, int TooLarge)> SendDueAsync(ServiceBusReceiver receiver, Subscription subscription, int due, int looked, CancellationToken cancellation)
    {
        await using var sender = client.CreateSender(options.Value.Topic);
        // Kept locked until the end: given back at once, they would be handed out again in place of others.
        var kept = new List<ServiceBusReceivedMessage>();
        var (sent, tooLarge) = (0, 0);
        try
        {
            while (sent + tooLarge < due && sent + kept.Count < looked && await receiver.ReceiveMessageAsync(Wait, cancellation) is { } dead)
            {
                if (FateOf(dead) is not Fate.Due)
                {
                    kept.Add(dead);
                }
                else if (await TrySendAsync(sender, dead, subscription, cancellation))
                {
                    await receiver.CompleteMessageAsync(dead, cancellation);
                    sent++;
                }
                else
                {
                    kept.Add(dead);
                    tooLarge++;
                }
            }
        }
        finally
        {
            await GiveBackAsync(receiver, kept);
        }
        return (sent, tooLarge);
    }

    private async Task<bool> TrySendAsync(ServiceBusSender sender, ServiceBusReceivedMessage dead, Subscription subscription, CancellationToken cancellation)
    {
        var again = new ServiceBusMessage(dead);
        again.ApplicationProperties[CountProperty] = ReplaysOf(dead) + 1;
        again.ApplicationProperties[ForProperty] = subscription.Name;
        try
        {
            await sender.SendMessageAsync(again, cancellation);
            logger.SentAgain(dead.MessageId, subscription.Name, dead.DeadLetterReason, ReplaysOf(dead) + 1);
            return true;
        }
        // It filled a transfer before it had the two properties. The others go on.
        catch (ServiceBusException e) when (e.Reason is ServiceBusFailureReason.MessageSizeExceeded)
        {
            logger.TooLargeToSendAgain(e, dead.MessageId, subscription.Name);
            return false;
        }
    }

    /// <summary>Also when the run is cut short, so not by its token.</summary>
    private static async Task GiveBackAsync(ServiceBusReceiver receiver, List<ServiceBusReceivedMessage> kept)
    {
        foreach (var message in kept)
        {
            try
            {
                await receiver.AbandonMessageAsync(message, cancellationToken: CancellationToken.None);
            }
            catch (ServiceBusException e) when (e.Reason is ServiceBusFailureReason.MessageLockLost)
            {
                // Its lock ended by itself: it is back already.
            }
        }
    }

    private Fate FateOf(ServiceBusReceivedMessage dead)
    {
        if (ReplaysOf(dead) >= MaxReplays)
            return Fate.GivenUp;
        return time.GetUtcNow() - dead.EnqueuedTime > EventsTopic.DuplicateWindow + Margin ? Fate.Due : Fate.TooRecent;
    }

    private static int ReplaysOf(ServiceBusReceivedMessage message)
        => message.ApplicationProperties.TryGetValue(CountProperty, out var count) && count is int replays ? replays : 0;
}
