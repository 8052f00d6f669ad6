using Azure.Core;
using Azure.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AzureIdentity;

public static class AzureIdentityRegistration
{
    /// <summary>The one <see cref="TokenCredential"/> of the app. It is asked for nothing before its first use.</summary>
    public static IServiceCollection AddAzureIdentity(this IServiceCollection services)
    {
        services.AddOptions<AzureIdentityOptions>().BindConfiguration(AzureIdentityOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AzureIdentityOptions>, AzureIdentityOptionsCheck>());
        services.TryAddSingleton(s => Credential(s.GetRequiredService<IOptions<AzureIdentityOptions>>().Value));
        return services;
    }

    // The default credential never opens a browser unless it is asked to; said here, so that a change of its defaults cannot make a service wait for a person.
    private static TokenCredential Credential(AzureIdentityOptions options) => options.ClientId.Length > 0
        ? new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(options.ClientId))
        : new DefaultAzureCredential(new DefaultAzureCredentialOptions { ExcludeInteractiveBrowserCredential = true });
}
