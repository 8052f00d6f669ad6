using Ear.CustomerKeys;
using Ear.Providers.Kms;
using Ear.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AwsKms;

public static class AwsKmsRegistration
{
    /// <summary>
    /// <see cref="ICustomerKey"/> of AWS and <see cref="IAwsRoles"/>. Settings from section <see cref="AwsKmsOptions.Section"/>; needs <see cref="IIds"/>, <see cref="Secrets.ISecrets"/>,
    /// <see cref="TimeProvider"/> and logging.
    /// </summary>
    public static IServiceCollection AddAwsKms(this IServiceCollection services)
    {
        services.AddOptions<AwsKmsOptions>().BindConfiguration(AwsKmsOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AwsKmsOptions>, AwsKmsOptionsCheck>());
        services.TryAddSingleton<AwsClients>();
        services.TryAddSingleton<RoleSessions>();
        services.TryAddSingleton<AwsSessions>();
        services.TryAddSingleton<AwsKmsCaller>();
        services.TryAddSingleton<KmsCalls<AwsKmsOptions>>();
        services.TryAddSingleton<EarMeters>();
        services.TryAddSingleton<AwsCustomerKey>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICustomerKey, MeasuredKey<AwsCustomerKey>>());
        services.TryAddSingleton<IAwsRoles, AwsRoles>();
        return services;
    }
}
