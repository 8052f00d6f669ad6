// As in the official package: no nullability marks.
#nullable disable

using System.Collections.ObjectModel;

namespace Azure.Messaging.ServiceBus;

/// <summary>A message as the broker hands it out.</summary>
public class ServiceBusReceivedMessage
{
    internal const string DeadLetterReasonKey = "DeadLetterReason";
    internal const string DeadLetterErrorDescriptionKey = "DeadLetterErrorDescription";

    internal ServiceBusReceivedMessage()
    {
    }

    public BinaryData Body { get; internal init; } = new(ReadOnlyMemory<byte>.Empty);

    public string MessageId { get; internal init; }

    public string SessionId { get; internal init; }

    public string CorrelationId { get; internal init; }

    public string Subject { get; internal init; }

    public string To { get; internal init; }

    public string ContentType { get; internal init; }

    public TimeSpan TimeToLive { get; internal init; } = TimeSpan.MaxValue;

    public DateTimeOffset ScheduledEnqueueTime { get; internal init; }

    public IReadOnlyDictionary<string, object> ApplicationProperties { get; internal init; } = ReadOnlyDictionary<string, object>.Empty;

    /// <summary>Names this lock, not this message: each delivery has its own.</summary>
    public string LockToken => LockTokenGuid.ToString();

    /// <summary>How often the message was handed out, this time included: 1 the first time.</summary>
    public int DeliveryCount { get; internal init; }

    public DateTimeOffset LockedUntil { get; internal set; }

    /// <summary>Assigned by the broker, growing within an entity.</summary>
    public long SequenceNumber { get; internal init; } = -1;

    public DateTimeOffset EnqueuedTime { get; internal init; }

    public DateTimeOffset ExpiresAt =>
        TimeToLive >= DateTimeOffset.MaxValue - EnqueuedTime ? DateTimeOffset.MaxValue : EnqueuedTime + TimeToLive;

    public ServiceBusMessageState State { get; internal init; }

    public string DeadLetterReason => Property(DeadLetterReasonKey);

    public string DeadLetterErrorDescription => Property(DeadLetterErrorDescriptionKey);

    internal Guid LockTokenGuid { get; init; }

    public override string ToString() => $"{{MessageId:{MessageId}}}";

    private string Property(string key) => ApplicationProperties.TryGetValue(key, out var value) ? value as string : null;
}
