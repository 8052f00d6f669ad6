using Azure.Messaging.ServiceBus;
using Ear.Alerts;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ear.Providers.ServiceBus;

/// <summary>
/// Sends events in batches of one project (a batch must share its session), in their order. If we die between two batches, the
/// whole call is repeated and the topic drops what it has by message id.
/// </summary>
internal sealed class ServiceBusAnnouncer(ServiceBusClient client, IOptions<AnnouncerOptions> options, ILogger<ServiceBusAnnouncer> logger) : IAnnouncer, IAsyncDisposable
{
    private readonly ServiceBusSender _sender = client.CreateSender(options.Value.Topic);

    public async Task AnnounceAsync(IReadOnlyList<ChainedEvent> events, CancellationToken cancellation)
    {
        foreach (var project in events.GroupBy(e => e.Event.ProjectId))
            await SendAsync(new Queue<ChainedEvent>(project), cancellation);
    }

    public ValueTask DisposeAsync() => _sender.DisposeAsync();

    private async Task SendAsync(Queue<ChainedEvent> waiting, CancellationToken cancellation)
    {
        while (waiting.Count > 0)
        {
            using var batch = await _sender.CreateMessageBatchAsync(cancellation);
            while (waiting.TryPeek(out var next) && batch.TryAddMessage(EventMessage.Of(next)))
                waiting.Dequeue();
            // The first does not fit into an empty batch: better told without its details than holding up every event behind it.
            if (batch.Count == 0 && waiting.Dequeue() is var large)
                AddWithoutDetails(batch, large);
            await _sender.SendMessagesAsync(batch, cancellation);
        }
    }

    private void AddWithoutDetails(ServiceBusMessageBatch batch, ChainedEvent large)
    {
        // What is left of it are ids, a type and names: a few hundred bytes.
        if (!batch.TryAddMessage(EventMessage.WithoutDetails(large)))
            throw new InvalidOperationException(
                $"Event {large.Event.Id} of project {large.Event.ProjectId} does not fit into a message of {batch.MaxSizeInBytes} bytes, even without its details.");
        logger.TooLargeForItsDetails(large.Event.Id.Value, large.Event.ProjectId.Value, batch.MaxSizeInBytes);
    }
}
