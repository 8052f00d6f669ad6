using Ear.Providers.Kms;
using Ear.Settings;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AzureKeyVault;

/// <summary>How Ear reaches Key Vault and Entra. Checked before the first request, all faults at once.</summary>
public sealed class AzureKeyVaultOptions : KmsCallOptions
{
    public const string Section = "Ear:AzureKeyVault";

    // 5 % of the 4,000 operations in 10 s that one vault takes with keys of 2,048 bits in software, the usual ones (spec kms §4): 200 configurations of one
    // vault are checked within their budget. A vault of RSA-4096 keys in an HSM takes a sixteenth; 1.25 is 5 % of that, and enough for twelve configurations.
    public AzureKeyVaultOptions()
        : base(callsPerSecond: 20)
    {
    }

    /// <summary>Where tokens come from instead of the login service of each Azure environment: a local Entra. Default: Azure's own.</summary>
    public Uri? Authority { get; set; }

    /// <summary>Hosts, separated by commas, that a key may have besides those of Azure's vault domains, as <c>name</c> or <c>name:port</c>: local vaults. Default: none.</summary>
    public string VaultHosts { get; set; } = "";

    /// <summary>Certificate (PEM) of the authority that <see cref="VaultHosts"/> and <see cref="Authority"/> may have theirs from. Azure's own hosts are never judged by it. Default: the system's.</summary>
    public string? CaFile { get; set => field = string.IsNullOrEmpty(value) ? null : value; }

    /// <summary>Ear's own application, for keys that are reached without a client secret. Default: none, such keys cannot be used.</summary>
    public string? AppId { get; set => field = string.IsNullOrEmpty(value) ? null : value; }

    /// <summary>A secret of <see cref="AppId"/>, for development. Default: a managed identity that the application trusts.</summary>
    public string? AppSecret { get; set => field = string.IsNullOrEmpty(value) ? null : value; }

    /// <summary>The user-assigned managed identity that stands for <see cref="AppId"/>. Default: the system-assigned one.</summary>
    public string? ManagedIdentityClientId { get; set => field = string.IsNullOrEmpty(value) ? null : value; }

    /// <summary>Audience of the managed identity's token. Default that of the public cloud; <c>api://AzureADTokenExchangeUSGov</c> and <c>api://AzureADTokenExchangeChina</c> elsewhere.</summary>
    public string TokenExchangeAudience { get; set; } = "api://AzureADTokenExchange";

    internal string[] Hosts() => VaultHosts.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"Entra {Authority?.ToString() ?? "of Azure"}, application {AppId ?? "none"}";
}

internal sealed class AzureKeyVaultOptionsCheck : IValidateOptions<AzureKeyVaultOptions>
{
    public ValidateOptionsResult Validate(string? name, AzureKeyVaultOptions options)
    {
        var faults = new OptionFaults(AzureKeyVaultOptions.Section);
        options.CheckCalls(faults);
        if (options.Authority is { } authority && (!authority.IsAbsoluteUri || authority.Scheme != "https"))
            faults.Add(nameof(options.Authority), $"is {authority}; give an https address, or leave it out.");
        foreach (var host in options.Hosts().Where(h => !IsHost(h)))
            faults.Add(nameof(options.VaultHosts), $"has {host}; give names or name:port, separated by commas.");
        faults.File(nameof(options.CaFile), options.CaFile);
        if (options.AppId is { } app && !Guid.TryParse(app, out _))
            faults.Add(nameof(options.AppId), $"is {app}; give the application's id, a uuid.");
        if (options.AppId is null && (options.AppSecret ?? options.ManagedIdentityClientId) is not null)
            faults.Add(nameof(options.AppId), $"is missing; {nameof(options.AppSecret)} and {nameof(options.ManagedIdentityClientId)} need it.");
        if (options.AppSecret is not null && options.ManagedIdentityClientId is not null)
            faults.Add(nameof(options.AppSecret), $"and {nameof(options.ManagedIdentityClientId)} are both given; choose one.");
        if (!Uri.TryCreate(options.TokenExchangeAudience, UriKind.Absolute, out _))
            faults.Add(nameof(options.TokenExchangeAudience), $"is {options.TokenExchangeAudience}; give an audience as api://AzureADTokenExchange.");
        return faults.Result;
    }

    private static bool IsHost(string host) => Uri.TryCreate($"https://{host}/", UriKind.Absolute, out var uri) && uri is { AbsolutePath: "/", UserInfo: "", Query: "" };
}
