using Ear.Providers.AzureKeyVault;
using Ear.Settings;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AzureSecrets;

/// <summary>Under which key of Ear's own vault its secrets are.</summary>
public sealed class KeyVaultSecretsOptions
{
    public const string Section = "Ear:Secrets";

    /// <summary>An RSA key without its version, <c>https://{vault}/keys/{name}</c>: it wraps the data keys, and Ear's identity may wrap, unwrap and read with it.</summary>
    public string KeyIdentifier { get; set; } = "";

    /// <summary>How old a data key gets. The next one is wrapped by the newest version of the vault's key, so both rotate together. Default 90 days, 1 day to 2 years (730 days).</summary>
    public TimeSpan RotateDataKeyEvery { get; set; } = TimeSpan.FromDays(90);

    /// <summary>A data key made before this moment seals nothing any more: set it to now when one may be known to somebody. Default: none. A moment in the future counts from then on.</summary>
    public DateTimeOffset? DataKeysFrom { get; set; }

    /// <summary>The key that <see cref="KeyIdentifier"/> named before, also of another vault: what it wrapped is opened by it, and wrapped anew by the one of today. Default: none.</summary>
    public string FormerKeyIdentifier { get; set; } = "";
}

internal sealed class KeyVaultSecretsOptionsCheck : IValidateOptions<KeyVaultSecretsOptions>
{
    public ValidateOptionsResult Validate(string? name, KeyVaultSecretsOptions options)
    {
        var faults = new OptionFaults(KeyVaultSecretsOptions.Section);
        if (!VaultKey.TryParse(options.KeyIdentifier, out _))
        {
            faults.Add(
                nameof(options.KeyIdentifier),
                $"is '{options.KeyIdentifier}'; write the address of an RSA key in Ear's own vault without its version, https://<vault>.vault.azure.net/keys/<name>.");
        }
        faults.Within(nameof(options.RotateDataKeyEvery), options.RotateDataKeyEvery, TimeSpan.FromDays(1), TimeSpan.FromDays(730));
        return faults.Result;
    }
}
