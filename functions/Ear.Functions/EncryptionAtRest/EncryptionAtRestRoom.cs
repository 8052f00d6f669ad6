using Ear.Alerts;
using Ear.CustomerKeys;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ear.Functions.EncryptionAtRest;

public static class EncryptionAtRestRoom
{
    /// <summary>Needs an <see cref="ICustomerKey"/> per provider, <see cref="Secrets.ISecrets"/>, and the validation room's <see cref="IOnDemandValidation"/>.</summary>
    public static IServiceCollection AddEncryptionAtRest(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<EncryptionAtRestOptions>().Bind(configuration.GetSection(EncryptionAtRestOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<EncryptionAtRestOptions>, EncryptionAtRestOptionsFaults>();
        services.TryAddSingleton<EventFactory>();
        services.AddSingleton(s => s.GetRequiredService<IOptions<EncryptionAtRestOptions>>().Value.Addresses());
        return services.AddSingleton<KeyUse>().AddSingleton<KeyProof>().AddSingleton<KeyCredentials>().AddSingleton<KeyNewsDesk>().AddSingleton<KeyConfiguration>()
            .AddSingleton<KeyRehearsal>().AddSingleton<KeyImpact>();
    }
}
