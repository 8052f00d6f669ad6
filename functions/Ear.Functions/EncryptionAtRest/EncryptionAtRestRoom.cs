using Ear.Alerts;
using Ear.CustomerKeys;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Ear.Functions.EncryptionAtRest;

public static class EncryptionAtRestRoom
{
    /// <summary>Needs an <see cref="ICustomerKey"/> per provider, and the validation room's <see cref="IOnDemandValidation"/>.</summary>
    public static IServiceCollection AddEncryptionAtRest(this IServiceCollection services)
    {
        services.TryAddSingleton<EventFactory>();
        return services.AddSingleton<KeyUse>().AddSingleton<KeyProof>().AddSingleton<KeyConfiguration>();
    }
}
