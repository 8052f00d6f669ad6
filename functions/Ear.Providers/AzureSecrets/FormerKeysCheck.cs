using Microsoft.Extensions.Options;

namespace Ear.Providers.AzureSecrets;

internal sealed class FormerKeysCheck : IValidateOptions<KeyVaultSecretsOptions>
{
    private const int Most = 10;

    public ValidateOptionsResult Validate(string? name, KeyVaultSecretsOptions options)
    {
        if (options.FormerKeyIdentifiers.FirstOrDefault(f => !VaultKey.TryParse(f, out _)) is { } wrong)
        {
            return ValidateOptionsResult.Fail(
                $"{KeyVaultSecretsOptions.Section}:FormerKeyIdentifiers holds '{wrong}'; write the address of a key that was Ear's own without its version, https://<vault>.vault.azure.net/keys/<name>.");
        }
        return options.FormerKeyIdentifiers.Count <= Most
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"{KeyVaultSecretsOptions.Section}:FormerKeyIdentifiers holds {options.FormerKeyIdentifiers.Count} keys; {Most} are the most. Take out those under which no data key is left.");
    }
}
