using Ear.CustomerKeys;
using Ear.Providers.Kms;
using Ear.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ear.Providers.GoogleCloudKms;

public static class GoogleCloudKmsRegistration
{
    /// <summary>
    /// <see cref="ICustomerKey"/> of Google Cloud KMS. Settings from section <see cref="GoogleCloudKmsOptions.Section"/>; needs <see cref="Secrets.ISecrets"/>,
    /// <see cref="IIds"/>, <see cref="TimeProvider"/> and logging.
    /// </summary>
    public static IServiceCollection AddGoogleCloudKms(this IServiceCollection services)
    {
        services.AddOptions<GoogleCloudKmsOptions>().BindConfiguration(GoogleCloudKmsOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<GoogleCloudKmsOptions>, GoogleCloudKmsOptionsCheck>());
        services.TryAddSingleton<KmsCalls<GoogleCloudKmsOptions>>();
        services.TryAddSingleton<GoogleHttp>();
        services.TryAddSingleton<GoogleAccounts>();
        services.TryAddSingleton<GoogleCalls>();
        services.TryAddSingleton<GoogleCrypto>();
        services.TryAddSingleton<GoogleLookups>();
        services.TryAddSingleton<EarMeters>();
        services.TryAddSingleton<GoogleCustomerKey>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICustomerKey, MeasuredKey<GoogleCustomerKey>>());
        return services;
    }
}
