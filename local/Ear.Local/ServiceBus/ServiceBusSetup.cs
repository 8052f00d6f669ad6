using System.Reflection;
using Azure.Messaging.ServiceBus;
using Ear.Local.Host;
using Ear.Local.Host.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ear.Local.ServiceBus;

/// <summary>
/// Gives a host its Service Bus. The app says <c>new ServiceBusClient(configuration["X:fullyQualifiedNamespace"], credential)</c>
/// in both builds; here the host sets that setting, for every connection X that a trigger or an option names, to the
/// namespace of its own broker. The name is drawn by lot, so that several hosts fit into one process.
/// </summary>
internal sealed class ServiceBusSetup
{
    private const string DefaultConnection = "AzureWebJobsServiceBus";

    private readonly FunctionsHostOptions _options;
    private readonly Broker _broker;

    private ServiceBusSetup(FunctionsHostOptions options, Broker broker)
    {
        _options = options;
        _broker = broker;
    }

    public static ServiceBusSetup Prepare(WebApplicationBuilder builder, IReadOnlyList<Type> classes, FunctionsHostOptions options, IIds ids)
    {
        var broker = new Broker($"ear-{ids.NewHex()}.servicebus.localhost", options.ServiceBus);
        ServiceBusNamespaces.Register(broker.FullyQualifiedNamespace, broker);
        builder.Configuration.AddInMemoryCollection(ConnectionsOf(classes, options)
            .Select(c => KeyValuePair.Create($"{c}:fullyQualifiedNamespace", (string?)broker.FullyQualifiedNamespace)));
        builder.Services.AddSingleton(_ => broker);
        return new ServiceBusSetup(options, broker);
    }

    public void AddListeners(IServiceCollection services, ServiceBusTrigger trigger, IReadOnlyList<FunctionDescriptor> found)
    {
        var listening = found.Where(f => f.Trigger == trigger).ToList();
        foreach (var function in listening)
            services.AddSingleton<IHostedService>(provider => new MessageListener(
                provider.GetRequiredService<FunctionRegistry>().Find(function.Name)!,
                trigger.PathOf(function),
                _broker,
                _options.HostJson,
                provider.GetRequiredService<RootServices>().Provider,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<IIds>(),
                provider.GetRequiredService<ILogger<MessageListener>>()));
    }

    /// <summary>Opens the file and declares what exists, before any service of the app starts.</summary>
    public void Open(IServiceProvider services, ServiceBusTrigger trigger) => services.GetRequiredService<Broker>().Open(
        Path.Combine(_options.DataFolder, "servicebus.db"),
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<IIds>(),
        trigger.Entities([.. services.GetRequiredService<FunctionRegistry>().Of(ServiceBusTrigger.Type).Select(f => f.Function)], _options.Topics) with { Rules = [.. _options.ServiceBusRules] });

    /// <summary>The app was not built after all.</summary>
    public void Abandon() => ServiceBusNamespaces.Remove(_broker.FullyQualifiedNamespace);

    private static IEnumerable<string> ConnectionsOf(IReadOnlyList<Type> classes, FunctionsHostOptions options) => classes
        .SelectMany(t => t.GetMethods())
        .SelectMany(m => m.GetParameters())
        .Select(p => p.GetCustomAttribute<ServiceBusTriggerAttribute>())
        .Where(a => a is not null)
        .Select(a => a!.Connection ?? DefaultConnection)
        .Append(DefaultConnection)
        .Concat(options.ServiceBusConnections)
        .Distinct(StringComparer.OrdinalIgnoreCase);
}
