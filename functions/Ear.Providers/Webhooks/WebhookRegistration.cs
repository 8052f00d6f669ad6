using Ear.Alerts.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ear.Providers.Webhooks;

public static class WebhookRegistration
{
    /// <summary><see cref="IWebhook"/> by HTTP (<see cref="WebhookOptions"/>). Needs a <see cref="TimeProvider"/>.</summary>
    public static IServiceCollection AddWebhooks(this IServiceCollection services, Action<WebhookOptions>? configure = null)
    {
        services.AddOptions<WebhookOptions>().BindConfiguration(WebhookOptions.Section).Configure(configure ?? (_ => { })).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<WebhookOptions>, WebhookOptionsCheck>());
        services.TryAddSingleton<IHostAddresses, SystemHostAddresses>();
        services.TryAddSingleton<WebhookHttp>();
        services.TryAddSingleton<IWebhook, HttpWebhook>();
        return services;
    }
}
