using Azure.Messaging.ServiceBus;

namespace Ear.Local.ServiceBus;

/// <summary>A message as the table keeps it; times are milliseconds since 1970.</summary>
internal sealed record StoredMessage(
    long Sequence, string Entity, bool Deferred, int Deliveries, string? MessageId, string? SessionId,
    long EnqueuedAt, long ScheduledAt, long ExpiresAt, string Properties, byte[] Body)
{
    public bool IsScheduled => ScheduledAt > EnqueuedAt;

    public static DateTimeOffset TimeOf(long milliseconds) =>
        milliseconds >= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? DateTimeOffset.MaxValue : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    /// <param name="token">Names the lock; empty for a message that is only looked at or already gone.</param>
    public ServiceBusReceivedMessage ToReceived(Guid token, DateTimeOffset lockedUntil)
    {
        var properties = MessageCodec.Read(Properties);
        return new ServiceBusReceivedMessage
        {
            Body = new BinaryData(Body),
            MessageId = MessageId,
            SessionId = SessionId,
            Subject = properties.Subject,
            CorrelationId = properties.CorrelationId,
            To = properties.To,
            ContentType = properties.ContentType,
            TimeToLive = properties.TimeToLive ?? TimeSpan.MaxValue,
            ApplicationProperties = MessageCodec.Untag(properties),
            SequenceNumber = Sequence,
            EnqueuedTime = TimeOf(EnqueuedAt),
            ScheduledEnqueueTime = IsScheduled ? TimeOf(ScheduledAt) : default,
            DeliveryCount = Deliveries,
            State = Deferred ? ServiceBusMessageState.Deferred : ServiceBusMessageState.Active,
            LockTokenGuid = token,
            LockedUntil = lockedUntil,
        };
    }
}
