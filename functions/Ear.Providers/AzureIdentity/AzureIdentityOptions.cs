using Ear.Settings;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AzureIdentity;

/// <summary>As whom Ear itself speaks to Azure: storage, Service Bus, Key Vault, resource manager.</summary>
public sealed class AzureIdentityOptions
{
    public const string Section = "Ear:Identity";

    /// <summary>
    /// Client id of the app's user-assigned managed identity. Empty: whatever this machine is signed in as without asking anybody
    /// (environment, workload identity, system-assigned identity, Azure CLI and the like).
    /// </summary>
    public string ClientId { get; set; } = "";
}

internal sealed class AzureIdentityOptionsCheck : IValidateOptions<AzureIdentityOptions>
{
    public ValidateOptionsResult Validate(string? name, AzureIdentityOptions options)
    {
        var faults = new OptionFaults(AzureIdentityOptions.Section);
        if (options.ClientId.Length > 0 && !Guid.TryParseExact(options.ClientId, "D", out _))
        {
            faults.Add(
                nameof(options.ClientId),
                $"is '{options.ClientId}'; write the client id (not the principal id or the resource id) of the app's user-assigned identity, a GUID with hyphens, or leave it empty.");
        }
        return faults.Result;
    }
}
