using Azure.Core;
using Azure.Identity;
using Ear.Providers.Kms;
using Microsoft.Extensions.Options;

namespace Ear.Providers.AzureKeyVault;

/// <summary>Credentials of Azure.Identity: our connections, no retries of their own (ours have the time budget), no question to a directory of clouds.</summary>
internal sealed class EntraCredentials
{
    private readonly AzureKeyVaultOptions options;
    private readonly AzureHosts hosts;
    private readonly AzureHttp http;
    private readonly OwnMeans means;
    private readonly Lazy<TokenCredential> identity;

    public EntraCredentials(IOptions<AzureKeyVaultOptions> options, AzureHosts hosts, AzureHttp http, KmsCalls<AzureKeyVaultOptions> calls)
    {
        (this.options, this.hosts, this.http, means) = (options.Value, hosts, http, calls.Own);
        identity = new(ManagedIdentity);
    }

    public TokenCredential Customers(EntraName name, string secret) =>
        new ClientSecretCredential(name.TenantId, name.ClientId, secret, Configure(new ClientSecretCredentialOptions { DisableInstanceDiscovery = true }, name));

    /// <summary>Ear's own application, by its secret or by a managed identity that it trusts (federated credential).</summary>
    public async Task<TokenCredential> OwnAsync(EntraName name)
    {
        if (options.AppId is not { } own)
            throw new AzureNotAskedException(AzureSignal.Codes.NoOwnIdentity);
        if (!own.Equals(name.ClientId, StringComparison.OrdinalIgnoreCase))
            throw new AzureNotAskedException(AzureSignal.Codes.OtherApplication);
        if (options.AppSecret is { } secret)
            return Customers(name, secret);
        var assertion = await AssertionAsync();
        return new ClientAssertionCredential(name.TenantId, own, _ => Task.FromResult(assertion), Configure(new ClientAssertionCredentialOptions { DisableInstanceDiscovery = true }, name));
    }

    private Task<string> AssertionAsync() => means.GetAsync(
        async stop => (await identity.Value.GetTokenAsync(new TokenRequestContext([$"{options.TokenExchangeAudience}/.default"]), stop)).Token,
        AzureSignal.Codes.NoOwnIdentity, "Ear has no identity of its own in Azure.");

    /// <summary>Kept: it remembers its token. It asks an address of the machine it runs on, which our connections do not reach.</summary>
    private ManagedIdentityCredential ManagedIdentity()
    {
        var settings = new ManagedIdentityCredentialOptions(
            options.ManagedIdentityClientId is { } client ? ManagedIdentityId.FromUserAssignedClientId(client) : ManagedIdentityId.SystemAssigned);
        settings.Retry.MaxRetries = 0;
        return new ManagedIdentityCredential(settings);
    }

    private T Configure<T>(T settings, EntraName name)
        where T : TokenCredentialOptions
    {
        settings.AuthorityHost = hosts.Login(name.Environment);
        settings.Transport = http.Transport;
        settings.Retry.MaxRetries = 0;
        settings.Retry.NetworkTimeout = options.AttemptTimeout;
        return settings;
    }
}
