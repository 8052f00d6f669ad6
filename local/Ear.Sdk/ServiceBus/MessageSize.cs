using System.Text;

namespace Azure.Messaging.ServiceBus;

/// <summary>What a message weighs on the wire, near enough to refuse here what Azure would refuse.</summary>
internal static class MessageSize
{
    /// <summary>Headers, annotations and AMQP framing of one message.</summary>
    private const long Overhead = 64;

    public static long Of(ServiceBusMessage message)
    {
        var size = Overhead + message.Body.ToMemory().Length
            + Of(message.MessageId) + Of(message.SessionId) + Of(message.CorrelationId)
            + Of(message.Subject) + Of(message.To) + Of(message.ContentType);
        foreach (var (key, value) in message.ApplicationProperties)
            size += Of(key) + (value is string text ? Of(text) : 16);
        return size;
    }

    private static long Of(string? text) => text is null ? 0 : Encoding.UTF8.GetByteCount(text) + 5;
}
