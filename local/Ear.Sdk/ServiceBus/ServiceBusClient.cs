// As in the official package: no nullability marks.
#nullable disable

using Azure.Core;

namespace Azure.Messaging.ServiceBus;

/// <summary>
/// Makes senders and receivers of one namespace. Here the namespace lives in this process, see <see cref="ServiceBusNamespaces"/>;
/// a name that no host registered is refused at once, so that a setting meant for Azure cannot be mistaken for a working one.
/// </summary>
public class ServiceBusClient : IAsyncDisposable
{
    private readonly IServiceBusTransport _transport;
    private readonly string _fullyQualifiedNamespace;
    private readonly string _identifier;
    private bool _closed;

    public ServiceBusClient(string connectionString)
        : this(connectionString, new ServiceBusClientOptions())
    {
    }

    public ServiceBusClient(string connectionString, ServiceBusClientOptions options)
        : this(options, EndpointOf(connectionString))
    {
    }

    public ServiceBusClient(string fullyQualifiedNamespace, TokenCredential credential)
        : this(fullyQualifiedNamespace, credential, new ServiceBusClientOptions())
    {
    }

    public ServiceBusClient(string fullyQualifiedNamespace, TokenCredential credential, ServiceBusClientOptions options)
        : this(options, fullyQualifiedNamespace)
    {
        ArgumentNullException.ThrowIfNull(credential);
    }

    /// <summary>For tests, which override what they need.</summary>
    protected ServiceBusClient()
    {
    }

    private ServiceBusClient(ServiceBusClientOptions options, string fullyQualifiedNamespace)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(fullyQualifiedNamespace);
        if (!ServiceBusNamespaces.TryFind(fullyQualifiedNamespace, out _transport))
            throw new InvalidOperationException(
                $"No Service Bus namespace {fullyQualifiedNamespace} runs in this process. The local host sets the connection's "
                + "fullyQualifiedNamespace itself; to reach one in Azure, build with UseCloudPackages=true.");
        _fullyQualifiedNamespace = fullyQualifiedNamespace;
        _identifier = options?.Identifier ?? fullyQualifiedNamespace;
    }

    public virtual string FullyQualifiedNamespace => _fullyQualifiedNamespace;

    public virtual string Identifier => _identifier;

    public virtual bool IsClosed => _closed;

    internal IServiceBusTransport Transport =>
        _transport ?? throw new InvalidOperationException("This client has no namespace: override the method that the test calls.");

    public virtual ServiceBusSender CreateSender(string queueOrTopicName)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        return new ServiceBusSender(this, queueOrTopicName);
    }

    public virtual ServiceBusReceiver CreateReceiver(string queueName) =>
        CreateReceiver(queueName, new ServiceBusReceiverOptions());

    public virtual ServiceBusReceiver CreateReceiver(string queueName, ServiceBusReceiverOptions options)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        return new ServiceBusReceiver(this, queueName, options);
    }

    public virtual ServiceBusReceiver CreateReceiver(string topicName, string subscriptionName) =>
        CreateReceiver(topicName, subscriptionName, new ServiceBusReceiverOptions());

    public virtual ServiceBusReceiver CreateReceiver(string topicName, string subscriptionName, ServiceBusReceiverOptions options)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        return new ServiceBusReceiver(this, topicName, subscriptionName, options);
    }

    public virtual ValueTask DisposeAsync()
    {
        _closed = true;
        GC.SuppressFinalize(this);
        return default;
    }

    private static string EndpointOf(string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        foreach (var part in connectionString.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            if (part.StartsWith("Endpoint=", StringComparison.OrdinalIgnoreCase)
                && Uri.TryCreate(part["Endpoint=".Length..], UriKind.Absolute, out var endpoint))
                return endpoint.Host;
        throw new FormatException("The Service Bus connection string has no Endpoint=sb://… part.");
    }
}
