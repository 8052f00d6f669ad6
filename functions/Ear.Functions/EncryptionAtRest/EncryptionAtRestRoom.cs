using Ear.CustomerKeys;
using Microsoft.Extensions.DependencyInjection;

namespace Ear.Functions.EncryptionAtRest;

public static class EncryptionAtRestRoom
{
    /// <summary>Needs an <see cref="ICustomerKey"/> per provider, and the validation room's <see cref="IOnDemandValidation"/>.</summary>
    public static IServiceCollection AddEncryptionAtRest(this IServiceCollection services)
        => services.AddSingleton<KeyUse>().AddSingleton<KeyProof>().AddSingleton<KeyConfiguration>();
}
