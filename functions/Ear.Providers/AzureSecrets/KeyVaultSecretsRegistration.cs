using Azure.Core;
using Azure.Security.KeyVault.Keys;
using Ear.Providers.Secrets;
using Ear.Secrets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AzureSecrets;

public static class KeyVaultSecretsRegistration
{
    /// <summary>Of one try; the pipeline makes four at most.</summary>
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// <see cref="ISecrets"/> and <see cref="ISecretSeals"/> in the store, under data keys that a key of Ear's own vault wraps (<see cref="KeyVaultSecretsOptions"/>).
    /// Needs a store with room for boxes, and a <see cref="TokenCredential"/>.
    /// </summary>
    public static IServiceCollection AddKeyVaultSecrets(this IServiceCollection services, Action<KeyVaultSecretsOptions>? configure = null)
    {
        services.AddOptions<KeyVaultSecretsOptions>().BindConfiguration(KeyVaultSecretsOptions.Section).Configure(configure ?? (_ => { })).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<KeyVaultSecretsOptions>, KeyVaultSecretsOptionsCheck>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<KeyVaultSecretsOptions>, FormerKeyCheck>());
        services.TryAddSingleton(s => new VaultWrapping(s.GetRequiredService<IOptions<KeyVaultSecretsOptions>>(), s.GetRequiredService<TokenCredential>(), new KeyClientOptions { Retry = { NetworkTimeout = AttemptTimeout } }));
        services.TryAddSingleton<VaultDataKeys>();
        services.TryAddSingleton(s => new SealedSecrets(s.GetRequiredService<ISecretBoxes>(), s.GetRequiredService<VaultDataKeys>(), s.GetRequiredService<ILogger<SealedSecrets>>()));
        services.TryAddSingleton<ISecrets>(s => s.GetRequiredService<SealedSecrets>());
        services.TryAddSingleton<ISecretSeals>(s => s.GetRequiredService<SealedSecrets>());
        return services;
    }
}
