// As in the official package: no nullability marks.
#nullable disable

namespace Azure.Messaging.ServiceBus;

/// <summary>Sends to one queue or topic.</summary>
public class ServiceBusSender : IAsyncDisposable
{
    private readonly ServiceBusClient _client;
    private readonly string _entityPath;
    private bool _closed;

    /// <summary>For tests, which override what they need.</summary>
    protected ServiceBusSender()
    {
    }

    protected internal ServiceBusSender(ServiceBusClient client, string queueOrTopicName)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrWhiteSpace(queueOrTopicName);
        _client = client;
        _entityPath = queueOrTopicName;
    }

    public virtual string FullyQualifiedNamespace => _client.FullyQualifiedNamespace;

    public virtual string EntityPath => _entityPath;

    public virtual bool IsClosed => _closed;

    public virtual Task SendMessageAsync(ServiceBusMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return SendAsync([message], cancellationToken);
    }

    public virtual Task SendMessagesAsync(IEnumerable<ServiceBusMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return SendAsync([.. messages], cancellationToken);
    }

    public virtual Task SendMessagesAsync(ServiceBusMessageBatch messageBatch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messageBatch);
        return SendAsync(messageBatch.Messages, cancellationToken);
    }

    public virtual ValueTask<ServiceBusMessageBatch> CreateMessageBatchAsync(CancellationToken cancellationToken = default) =>
        CreateMessageBatchAsync(new CreateMessageBatchOptions(), cancellationToken);

    public virtual ValueTask<ServiceBusMessageBatch> CreateMessageBatchAsync(
        CreateMessageBatchOptions options, CancellationToken cancellationToken = default)
    {
        var limit = options?.MaxSizeInBytes ?? ServiceBusMessageBatch.DefaultMaxSizeInBytes;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, ServiceBusMessageBatch.DefaultMaxSizeInBytes, nameof(options));
        return new(new ServiceBusMessageBatch(limit));
    }

    public virtual Task CloseAsync(CancellationToken cancellationToken = default)
    {
        _closed = true;
        return Task.CompletedTask;
    }

    public virtual async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    private async Task SendAsync(IReadOnlyList<ServiceBusMessage> messages, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(IsClosed || _client.IsClosed, this);
        if (messages.Count == 0)
            return;
        var size = messages.Sum(MessageSize.Of);
        if (size > ServiceBusMessageBatch.DefaultMaxSizeInBytes)
            throw new ServiceBusException(
                $"{messages.Count} messages of {size} bytes in all are more than the {ServiceBusMessageBatch.DefaultMaxSizeInBytes} bytes that one transfer may carry.",
                ServiceBusFailureReason.MessageSizeExceeded,
                _entityPath);
        await _client.Transport.SendAsync(_entityPath, messages, cancellationToken);
    }
}
