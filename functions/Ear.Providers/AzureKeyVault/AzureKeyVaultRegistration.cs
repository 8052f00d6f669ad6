using Ear.CustomerKeys;
using Ear.PrivateEndpoints;
using Ear.Providers.Kms;
using Ear.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AzureKeyVault;

public static class AzureKeyVaultRegistration
{
    /// <summary>
    /// <see cref="ICustomerKey"/> of Azure. Settings from section <see cref="AzureKeyVaultOptions.Section"/>; needs <see cref="Secrets.ISecrets"/>,
    /// <see cref="IPrivateEndpoints"/>, <see cref="IIds"/>, <see cref="TimeProvider"/> and logging.
    /// </summary>
    public static IServiceCollection AddAzureKeyVault(this IServiceCollection services)
    {
        services.AddOptions<AzureKeyVaultOptions>().BindConfiguration(AzureKeyVaultOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AzureKeyVaultOptions>, AzureKeyVaultOptionsCheck>());
        services.TryAddSingleton<KmsCalls<AzureKeyVaultOptions>>();
        services.TryAddSingleton<AzureHosts>();
        services.TryAddSingleton<AzureHttp>();
        services.TryAddSingleton<EntraCredentials>();
        services.TryAddSingleton<EntraSessions>();
        services.TryAddSingleton<PrivateWays>();
        services.TryAddSingleton<VaultCalls>();
        services.TryAddSingleton<KeyDescriptions>();
        services.TryAddSingleton<EarMeters>();
        services.TryAddSingleton<AzureCustomerKey>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICustomerKey, MeasuredKey<AzureCustomerKey>>());
        return services;
    }
}
