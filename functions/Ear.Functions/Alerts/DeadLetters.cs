using System.Collections.Immutable;
using Azure.Messaging.ServiceBus;
using Ear.Alerts;
using Ear.Telemetry;
using Microsoft.Extensions.Configuration;

namespace Ear.Functions.Alerts;

/// <summary>
/// Messages that the app's own subscriptions gave up. Peeked, so that nothing is locked and no right to manage the namespace is needed; up to a bound, because
/// one dead letter wants a person as much as a thousand. Without a Service Bus there is nothing to tell.
/// </summary>
internal sealed class DeadLetters(IConfiguration configuration, ServiceBusClient? client = null) : IGaugeSource, IAsyncDisposable
{
    public const int Most = 32;

    /// <summary>Every subscription that a function of this app listens to.</summary>
    public static readonly ImmutableArray<string> Subscriptions = [.. EventsTopic.OfTheApp.Select(s => s.Name)];

    private static readonly ServiceBusReceiverOptions Dead = new() { SubQueue = SubQueue.DeadLetter };

    private readonly Dictionary<string, ServiceBusReceiver> receivers = [];

    public async Task<GaugeReadings> ReadAsync(GaugeReadings before, CancellationToken cancellation)
    {
        if (client is null || configuration["EventsTopic"] is not { Length: > 0 } topic)
            return before;
        var counts = before.DeadLetters;
        foreach (var subscription in Subscriptions)
        {
            if (!receivers.TryGetValue(subscription, out var receiver))
                receivers[subscription] = receiver = client.CreateReceiver(topic, subscription, Dead);
            // From the first one each time: a receiver would otherwise go on from where it looked last.
            var peeked = await receiver.PeekMessagesAsync(Most, fromSequenceNumber: 0, cancellation);
            counts = counts.SetItem(subscription, peeked.Count);
        }
        return before with { DeadLetters = counts };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var receiver in receivers.Values)
            await receiver.DisposeAsync();
    }
}
