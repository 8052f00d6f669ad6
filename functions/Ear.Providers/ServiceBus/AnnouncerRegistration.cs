using Azure.Core;
using Azure.Messaging.ServiceBus;
using Ear.Alerts;
using Ear.Providers.AzureIdentity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ear.Providers.ServiceBus;

public static class AnnouncerRegistration
{
    /// <summary>
    /// <see cref="IAnnouncer"/> on a Service Bus topic, the pump that empties <see cref="IOutbox"/> into it while the host runs, and its dead letters.
    /// Needs a <see cref="TimeProvider"/> and a store.
    /// </summary>
    public static IServiceCollection AddServiceBusAnnouncer(this IServiceCollection services, Action<AnnouncerOptions>? configure = null)
    {
        services.AddOptions<AnnouncerOptions>().BindConfiguration(AnnouncerOptions.Section)
            .Configure<IConfiguration>((o, settings) => o.Topic = settings[AnnouncerOptions.TopicSetting] ?? "")
            .Configure(configure ?? (_ => { })).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AnnouncerOptions>, AnnouncerOptionsCheck>());
        services.AddAzureIdentity();
        services.TryAddSingleton(Client);
        services.TryAddSingleton<IAnnouncer, ServiceBusAnnouncer>();
        services.TryAddSingleton<IDeadLetters, ServiceBusDeadLetters>();
        services.TryAddSingleton<OutboxDrain>();
        services.AddHostedService<OutboxPump>();
        return services;
    }

    private static ServiceBusClient Client(IServiceProvider services)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        return configuration[AnnouncerOptions.NamespaceSetting] is { Length: > 0 } fullyQualifiedNamespace
            ? new ServiceBusClient(fullyQualifiedNamespace, services.GetRequiredService<TokenCredential>())
            : new ServiceBusClient(configuration[AnnouncerOptions.Connection]);
    }
}
