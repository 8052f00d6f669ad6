using System.Collections.Immutable;
using Ear.Settings;
using Microsoft.Extensions.Options;

namespace Ear.Providers.Webhooks;

/// <summary>How webhooks of alert configurations are reached.</summary>
public sealed class WebhookOptions
{
    public const string Section = "Ear:Webhooks";

    /// <summary>
    /// Hosts, separated by commas, that a webhook may name although they are no public ones, by http too: <c>127.0.0.1</c> in tests and in <c>ear up</c>, or a
    /// relay in Ear's own network. Everybody who may configure alerts can make Ear send requests to them. Default: none.
    /// </summary>
    public string LocalHosts { get; set; } = "";

    /// <summary>PEM file with a certificate authority that is trusted for <see cref="LocalHosts"/> beside the system's. Default: none.</summary>
    public string? CaFile { get; set => field = string.IsNullOrEmpty(value) ? null : value; }

    /// <summary>For one message, connecting included. Default 10 s, 1 s to 30 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Connections to one host at once; more messages wait, within their time. Default 8, 1 to 64.</summary>
    public int ConnectionsPerHost { get; set; } = 8;

    /// <summary>Hosts as they stand in a parsed address, so that no other spelling of one is another.</summary>
    internal ImmutableHashSet<string> Hosts() => [.. Names().Select(n => new UriBuilder("https", n).Uri.IdnHost)];

    internal IEnumerable<string> Names() => LocalHosts.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

internal sealed class WebhookOptionsCheck : IValidateOptions<WebhookOptions>
{
    public ValidateOptionsResult Validate(string? name, WebhookOptions options)
    {
        var faults = new OptionFaults(WebhookOptions.Section);
        foreach (var host in options.Names().Where(n => Uri.CheckHostName(n) is UriHostNameType.Unknown))
            faults.Add(nameof(options.LocalHosts), $"has '{host}', which is no host; write names or addresses without a port, separated by commas.");
        faults.Within(nameof(options.Timeout), options.Timeout, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
        faults.Within(nameof(options.ConnectionsPerHost), options.ConnectionsPerHost, 1, 64);
        faults.File(nameof(options.CaFile), options.CaFile);
        return faults.Result;
    }
}
