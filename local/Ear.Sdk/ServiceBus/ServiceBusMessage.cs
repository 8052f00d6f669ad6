// As in the official package: no nullability marks.
#nullable disable

namespace Azure.Messaging.ServiceBus;

/// <summary>A message to send.</summary>
public class ServiceBusMessage
{
    private static readonly BinaryData Nothing = new(ReadOnlyMemory<byte>.Empty);

    public ServiceBusMessage()
        : this(Nothing)
    {
    }

    public ServiceBusMessage(string body)
        : this(new BinaryData(body ?? throw new ArgumentNullException(nameof(body))))
    {
    }

    public ServiceBusMessage(ReadOnlyMemory<byte> body)
        : this(BinaryData.FromBytes(body))
    {
    }

    public ServiceBusMessage(BinaryData body) => Body = body ?? throw new ArgumentNullException(nameof(body));

    /// <summary>A copy to send again: everything but what the broker assigned.</summary>
    public ServiceBusMessage(ServiceBusReceivedMessage receivedMessage)
        : this((receivedMessage ?? throw new ArgumentNullException(nameof(receivedMessage))).Body)
    {
        MessageId = receivedMessage.MessageId;
        SessionId = receivedMessage.SessionId;
        CorrelationId = receivedMessage.CorrelationId;
        Subject = receivedMessage.Subject;
        To = receivedMessage.To;
        ContentType = receivedMessage.ContentType;
        TimeToLive = receivedMessage.TimeToLive;
        foreach (var property in receivedMessage.ApplicationProperties)
            if (property.Key is not (ServiceBusReceivedMessage.DeadLetterReasonKey or ServiceBusReceivedMessage.DeadLetterErrorDescriptionKey))
                ApplicationProperties.Add(property);
    }

    public BinaryData Body { get; set; }

    /// <summary>Up to 128 characters; a second message with the same id within the topic's window is dropped.</summary>
    public string MessageId { get; set; }

    /// <summary>Messages of one session are handled in order, one at a time per subscription.</summary>
    public string SessionId { get; set; }

    public string CorrelationId { get; set; }

    public string Subject { get; set; }

    public string To { get; set; }

    public string ContentType { get; set; }

    public TimeSpan TimeToLive { get; set; } = TimeSpan.MaxValue;

    /// <summary>Not handed out before this time (UTC); the default value means now.</summary>
    public DateTimeOffset ScheduledEnqueueTime { get; set; }

    public IDictionary<string, object> ApplicationProperties { get; } = new Dictionary<string, object>();

    public override string ToString() => $"{{MessageId:{MessageId}}}";
}
