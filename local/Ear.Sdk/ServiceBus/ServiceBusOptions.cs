// As in the official package: no nullability marks.
#nullable disable

namespace Azure.Messaging.ServiceBus;

public class ServiceBusClientOptions
{
    public ServiceBusTransportType TransportType { get; set; }

    /// <summary>Shows up in the service's logs.</summary>
    public string Identifier { get; set; }
}

public class ServiceBusReceiverOptions
{
    public ServiceBusReceiveMode ReceiveMode { get; set; } = ServiceBusReceiveMode.PeekLock;

    public SubQueue SubQueue { get; set; } = SubQueue.None;
}

public class CreateMessageBatchOptions
{
    /// <summary>Bytes; null for as much as one transfer may carry.</summary>
    public long? MaxSizeInBytes { get; set; }
}
