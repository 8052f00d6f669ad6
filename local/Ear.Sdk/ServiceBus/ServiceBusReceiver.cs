// As in the official package: no nullability marks.
#nullable disable

namespace Azure.Messaging.ServiceBus;

/// <summary>Receives from one queue, subscription or dead-letter queue, and settles what it received.</summary>
public class ServiceBusReceiver : IAsyncDisposable
{
    /// <summary>The official client's default try timeout.</summary>
    private static readonly TimeSpan DefaultMaxWait = TimeSpan.FromSeconds(60);

    private readonly ServiceBusClient _client;
    private readonly string _entityPath;
    private readonly ServiceBusReceiveMode _receiveMode;
    private bool _closed;

    /// <summary>For tests, which override what they need.</summary>
    protected ServiceBusReceiver()
    {
    }

    protected internal ServiceBusReceiver(ServiceBusClient client, string queueName, ServiceBusReceiverOptions options)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrWhiteSpace(queueName);
        _client = client;
        _receiveMode = options?.ReceiveMode ?? ServiceBusReceiveMode.PeekLock;
        _entityPath = options?.SubQueue switch
        {
            SubQueue.DeadLetter => queueName + "/$DeadLetterQueue",
            SubQueue.TransferDeadLetter => throw new NotSupportedException("Nothing is forwarded between entities here, so there is no transfer dead-letter queue."),
            _ => queueName,
        };
    }

    protected internal ServiceBusReceiver(
        ServiceBusClient client, string topicName, string subscriptionName, ServiceBusReceiverOptions options)
        : this(client, $"{topicName}/Subscriptions/{subscriptionName}", options)
    {
    }

    public virtual string FullyQualifiedNamespace => _client.FullyQualifiedNamespace;

    public virtual string EntityPath => _entityPath;

    public virtual ServiceBusReceiveMode ReceiveMode => _receiveMode;

    public virtual bool IsClosed => _closed;

    public virtual async Task<ServiceBusReceivedMessage> ReceiveMessageAsync(
        TimeSpan? maxWaitTime = null, CancellationToken cancellationToken = default) =>
        await ReceiveMessagesAsync(1, maxWaitTime, cancellationToken) is [var message, ..] ? message : null;

    public virtual Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveMessagesAsync(
        int maxMessages, TimeSpan? maxWaitTime = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxMessages, 1);
        return Transport().ReceiveAsync(_entityPath, maxMessages, maxWaitTime ?? DefaultMaxWait, _receiveMode, cancellationToken);
    }

    public virtual async Task<ServiceBusReceivedMessage> ReceiveDeferredMessageAsync(
        long sequenceNumber, CancellationToken cancellationToken = default) =>
        (await Transport().ReceiveDeferredAsync(_entityPath, [sequenceNumber], _receiveMode, cancellationToken))[0];

    public virtual async Task<ServiceBusReceivedMessage> PeekMessageAsync(
        long? fromSequenceNumber = null, CancellationToken cancellationToken = default) =>
        await PeekMessagesAsync(1, fromSequenceNumber, cancellationToken) is [var message, ..] ? message : null;

    public virtual Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekMessagesAsync(
        int maxMessages, long? fromSequenceNumber = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxMessages, 1);
        return Transport().PeekAsync(_entityPath, maxMessages, fromSequenceNumber ?? 0, cancellationToken);
    }

    public virtual Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        SettleAsync(message, new Settlement(SettlementKind.Complete), cancellationToken);

    public virtual Task AbandonMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object> propertiesToModify = null,
        CancellationToken cancellationToken = default) =>
        SettleAsync(message, new Settlement(SettlementKind.Abandon, Copy(propertiesToModify)), cancellationToken);

    public virtual Task DeferMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object> propertiesToModify = null,
        CancellationToken cancellationToken = default) =>
        SettleAsync(message, new Settlement(SettlementKind.Defer, Copy(propertiesToModify)), cancellationToken);

    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object> propertiesToModify = null,
        CancellationToken cancellationToken = default) =>
        SettleAsync(message, new Settlement(SettlementKind.DeadLetter, Copy(propertiesToModify)), cancellationToken);

    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        string deadLetterReason,
        string deadLetterErrorDescription = null,
        CancellationToken cancellationToken = default) =>
        SettleAsync(
            message,
            new Settlement(SettlementKind.DeadLetter, null, deadLetterReason, deadLetterErrorDescription),
            cancellationToken);

    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object> propertiesToModify,
        string deadLetterReason,
        string deadLetterErrorDescription = null,
        CancellationToken cancellationToken = default) =>
        SettleAsync(
            message,
            new Settlement(SettlementKind.DeadLetter, Copy(propertiesToModify), deadLetterReason, deadLetterErrorDescription),
            cancellationToken);

    public virtual async Task RenewMessageLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        message.LockedUntil = await Transport().RenewLockAsync(_entityPath, message, cancellationToken);
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

    private Task SettleAsync(ServiceBusReceivedMessage message, Settlement settlement, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (_receiveMode != ServiceBusReceiveMode.PeekLock)
            throw new InvalidOperationException("Only messages received with PeekLock are settled; this receiver deletes them on receipt.");
        return Transport().SettleAsync(_entityPath, message, settlement, cancellationToken);
    }

    private IServiceBusTransport Transport()
    {
        ObjectDisposedException.ThrowIf(IsClosed || _client.IsClosed, this);
        return _client.Transport;
    }

    private static Dictionary<string, object> Copy(IDictionary<string, object> properties) =>
        properties is null ? null : new Dictionary<string, object>(properties);
}
