using Ear.Alerts;
using Ear.Alerts.Webhooks;
using Ear.CustomerKeys.Validation;
using Ear.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Ear.Functions.Alerts;

public static class AlertsRoom
{
    /// <summary>Needs a store, <see cref="IAnnouncer"/>, <see cref="IMail"/>, <see cref="IWebhook"/>, <see cref="Secrets.ISecrets"/>, <see cref="IDeadLetters"/> and the setting <c>EventsTopic</c>.</summary>
    public static IServiceCollection AddAlerts(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<OutboxDrain>();
        services.TryAddSingleton<KeyAlerts>();
        services.TryAddSingleton<WebhookAddresses>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IGaugeSource, OutboxAge>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IGaugeSource, DeadLetters>());
        return services
            .AddSingleton<ShutDownMail>()
            .AddSingleton<AlertTellings>()
            .AddSingleton<AlertMail>()
            .AddSingleton<AlertRound>()
            .AddSingleton<IAlertDocuments, AlertDocuments>()
            .AddSingleton<AlertWebhooks>()
            .AddSingleton<WebhookRound>()
            .AddSingleton<AlertConfigs>()
            .AddSingleton<AlertAcknowledgement>()
            .AddSingleton<RotationReminders>();
    }
}
