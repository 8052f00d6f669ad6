using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Azure.Messaging.ServiceBus;

/// <summary>
/// What carries messages for the clients of one namespace. An entity path is a queue, a topic (send only),
/// <c>topic/Subscriptions/name</c>, or one of the last two with <c>/$DeadLetterQueue</c>.
/// Every call fails with a <see cref="ServiceBusException"/> that names the entity.
/// </summary>
internal interface IServiceBusTransport
{
    /// <summary>All of them or none, durable when the task ends.</summary>
    Task SendAsync(string entityPath, IReadOnlyList<ServiceBusMessage> messages, CancellationToken cancellationToken);

    /// <summary>Up to <paramref name="maxMessages"/>, as soon as there is one; empty after <paramref name="maxWait"/>.</summary>
    Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveAsync(
        string entityPath, int maxMessages, TimeSpan maxWait, ServiceBusReceiveMode mode, CancellationToken cancellationToken);

    /// <summary>Deferred messages by number, locked anew.</summary>
    Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveDeferredAsync(
        string entityPath, IReadOnlyList<long> sequenceNumbers, ServiceBusReceiveMode mode, CancellationToken cancellationToken);

    /// <summary>Looks without locking, from <paramref name="fromSequenceNumber"/> on.</summary>
    Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekAsync(
        string entityPath, int maxMessages, long fromSequenceNumber, CancellationToken cancellationToken);

    /// <summary>Ends the lock as <paramref name="settlement"/> says; <see cref="ServiceBusFailureReason.MessageLockLost"/> when it is over already.</summary>
    Task SettleAsync(string entityPath, ServiceBusReceivedMessage message, Settlement settlement, CancellationToken cancellationToken);

    /// <summary>The time until which the message is locked now.</summary>
    Task<DateTimeOffset> RenewLockAsync(string entityPath, ServiceBusReceivedMessage message, CancellationToken cancellationToken);
}

internal enum SettlementKind
{
    Complete,
    Abandon,
    DeadLetter,
    Defer,
}

/// <summary>How a locked message ends, with the application properties to set on it first.</summary>
internal sealed record Settlement(
    SettlementKind Kind,
    IReadOnlyDictionary<string, object>? Properties = null,
    string? DeadLetterReason = null,
    string? DeadLetterErrorDescription = null)
{
    /// <summary>How long an abandoned message stays invisible; the host's triggers use it to back off.</summary>
    public TimeSpan Delay { get; init; }
}

/// <summary>
/// The namespaces that exist in this process. A host registers its own before the app makes a <see cref="ServiceBusClient"/>;
/// several hosts in one process differ by name.
/// </summary>
internal static class ServiceBusNamespaces
{
    private static readonly ConcurrentDictionary<string, IServiceBusTransport> Known = new(StringComparer.OrdinalIgnoreCase);

    public static void Register(string fullyQualifiedNamespace, IServiceBusTransport transport)
    {
        if (!Known.TryAdd(fullyQualifiedNamespace, transport))
            throw new InvalidOperationException($"The Service Bus namespace {fullyQualifiedNamespace} exists already.");
    }

    public static void Remove(string fullyQualifiedNamespace) => Known.TryRemove(fullyQualifiedNamespace, out _);

    public static bool TryFind(string fullyQualifiedNamespace, [NotNullWhen(true)] out IServiceBusTransport? transport) =>
        Known.TryGetValue(fullyQualifiedNamespace, out transport);
}
