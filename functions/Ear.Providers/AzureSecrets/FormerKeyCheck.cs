using Microsoft.Extensions.Options;

namespace Ear.Providers.AzureSecrets;

internal sealed class FormerKeyCheck : IValidateOptions<KeyVaultSecretsOptions>
{
    public ValidateOptionsResult Validate(string? name, KeyVaultSecretsOptions options)
        => options.FormerKeyIdentifier.Length == 0 || VaultKey.TryParse(options.FormerKeyIdentifier, out _)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{KeyVaultSecretsOptions.Section}:FormerKeyIdentifier is '{options.FormerKeyIdentifier}'; write the address of the key that was Ear's own before without its version, https://<vault>.vault.azure.net/keys/<name>, or nothing.");
}
