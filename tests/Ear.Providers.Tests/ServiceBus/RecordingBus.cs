using Azure.Messaging.ServiceBus;

namespace Ear.Providers.Tests.ServiceBus;

/// <summary>A namespace that remembers what is sent, transfer by transfer, and refuses when told to.</summary>
internal sealed class RecordingBus : IServiceBusTransport, IDisposable
{
    public RecordingBus()
    {
        Namespace = $"test-{Guid.NewGuid():N}.servicebus.localhost";
        ServiceBusNamespaces.Register(Namespace, this);
    }

    public string Namespace { get; }

    public List<(string Topic, IReadOnlyList<ServiceBusMessage> Messages)> Transfers { get; } = [];

    public IEnumerable<ServiceBusMessage> Messages => Transfers.SelectMany(t => t.Messages);

    /// <summary>Asked with the number of transfers so far.</summary>
    public Func<int, Exception?> Refuse { get; set; } = _ => null;

    public Task SendAsync(string entityPath, IReadOnlyList<ServiceBusMessage> messages, CancellationToken cancellationToken)
    {
        if (Refuse(Transfers.Count) is { } refusal)
            return Task.FromException(refusal);
        Transfers.Add((entityPath, [.. messages]));
        return Task.CompletedTask;
    }

    public void Dispose() => ServiceBusNamespaces.Remove(Namespace);

    public Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveAsync(string entityPath, int maxMessages, TimeSpan maxWait, ServiceBusReceiveMode mode, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveDeferredAsync(string entityPath, IReadOnlyList<long> sequenceNumbers, ServiceBusReceiveMode mode, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekAsync(string entityPath, int maxMessages, long fromSequenceNumber, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public Task SettleAsync(string entityPath, ServiceBusReceivedMessage message, Settlement settlement, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public Task<DateTimeOffset> RenewLockAsync(string entityPath, ServiceBusReceivedMessage message, CancellationToken cancellationToken)
        => throw new NotSupportedException();
}
