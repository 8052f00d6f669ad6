// As in the official package: no nullability marks.
#nullable disable

namespace Azure.Messaging.ServiceBus;

/// <summary>Messages that are sent together, as many as fit in one transfer.</summary>
public sealed class ServiceBusMessageBatch : IDisposable
{
    /// <summary>The Standard tier's limit of one transfer, 256 KiB; what fits here fits in Azure.</summary>
    internal const long DefaultMaxSizeInBytes = 256 * 1024;

    private readonly List<ServiceBusMessage> _messages = [];

    internal ServiceBusMessageBatch(long maxSizeInBytes) => MaxSizeInBytes = maxSizeInBytes;

    public long MaxSizeInBytes { get; }

    public long SizeInBytes { get; private set; }

    public int Count => _messages.Count;

    internal IReadOnlyList<ServiceBusMessage> Messages => _messages;

    public bool TryAddMessage(ServiceBusMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var size = MessageSize.Of(message);
        if (SizeInBytes + size > MaxSizeInBytes)
            return false;
        SizeInBytes += size;
        _messages.Add(message);
        return true;
    }

    public void Dispose()
    {
        _messages.Clear();
        SizeInBytes = 0;
    }
}
