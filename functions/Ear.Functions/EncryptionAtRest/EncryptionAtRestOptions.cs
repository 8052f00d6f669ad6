using System.Collections.Immutable;
using Ear.CustomerKeys;
using Ear.Settings;
using Microsoft.Extensions.Options;

namespace Ear.Functions.EncryptionAtRest;

/// <summary>Settings of key configurations, section <c>Ear:EncryptionAtRest</c>.</summary>
public sealed class EncryptionAtRestOptions
{
    public const string Section = "Ear:EncryptionAtRest";

    /// <summary>Hosts, separated by commas, that Azure key identifiers may name besides Azure's own vaults: local KMSs, as <c>localhost:8443</c>. Default: none.</summary>
    public string LocalVaultHosts { get; set; } = "";

    /// <summary>Token addresses, separated by commas, that Google service-account keys may name besides Google's own. Default: none.</summary>
    public string LocalTokenUris { get; set; } = "";

    public KeyAddresses Addresses() => new(List(LocalVaultHosts), List(LocalTokenUris));

    private static ImmutableArray<string> List(string text) => [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
}

internal sealed class EncryptionAtRestOptionsFaults : IValidateOptions<EncryptionAtRestOptions>
{
    public ValidateOptionsResult Validate(string? name, EncryptionAtRestOptions options)
    {
        var faults = new OptionFaults(EncryptionAtRestOptions.Section);
        var addresses = options.Addresses();
        foreach (var host in addresses.VaultHosts.Where(h => Uri.CheckHostName(h.Split(':')[0]) is UriHostNameType.Unknown))
            faults.Add(nameof(options.LocalVaultHosts), $"has '{host}', which is no host or host:port.");
        foreach (var address in addresses.TokenUris.Where(u => !Uri.TryCreate(u, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")))
            faults.Add(nameof(options.LocalTokenUris), $"has '{address}', which is no http or https address.");
        return faults.Result;
    }
}
