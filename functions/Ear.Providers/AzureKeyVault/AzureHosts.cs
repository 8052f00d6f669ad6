using Ear.CustomerKeys;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AzureKeyVault;

/// <summary>
/// Whom Ear calls: the login services and vault domains of Azure's clouds, and what the operator added. An identifier of a customer can name nothing else,
/// no loopback, link-local or private address (those have no name below a vault domain).
/// </summary>
internal sealed class AzureHosts(IOptions<AzureKeyVaultOptions> options)
{
    private readonly HashSet<string> extra = new(options.Value.Hosts(), StringComparer.OrdinalIgnoreCase);

    public Uri Login(AzureEnvironment environment) => options.Value.Authority ?? environment.Cloud().Login;

    /// <summary>A vault of this environment, or one that the operator allows.</summary>
    public bool IsVault(Uri vault, AzureEnvironment environment) => IsLocal(vault) || IsIn(vault, environment.Cloud());

    /// <summary>What the operator added: judged by the operator's certificate authority, and without Azure's names.</summary>
    public bool IsLocal(Uri uri) => extra.Contains(uri.Authority) || uri.Authority == options.Value.Authority?.Authority;

    /// <summary>As <see cref="IsLocal"/>, by the name alone: what a certificate is made out to.</summary>
    public bool IsLocalName(string host) => extra.Any(e => HasName(e, host)) || options.Value.Authority?.Host == host;

    /// <summary>The last gate, whatever asks: also a redirect or a metadata document leads nowhere else.</summary>
    public bool MayCall(Uri? uri) => uri is { IsAbsoluteUri: true, Scheme: "https" } &&
        (IsLocal(uri) || AzureClouds.All.Any(c => uri.Authority == c.Login.Authority || IsIn(uri, c)));

    private static bool IsIn(Uri uri, AzureCloud cloud) =>
        uri.IsDefaultPort && uri.Host.EndsWith("." + cloud.VaultDomain, StringComparison.OrdinalIgnoreCase) &&
        uri.Host[..^(cloud.VaultDomain.Length + 1)] is { Length: > 0 } vault && !vault.Contains('.', StringComparison.Ordinal);

    private static bool HasName(string allowed, string host) => new Uri($"https://{allowed}/").Host.Equals(host, StringComparison.OrdinalIgnoreCase);
}
