using Ear.CustomerKeys;
using Ear.Providers.AzureKeyVault;
using Microsoft.Extensions.Options;

namespace Ear.Providers.Tests.AzureKeyVault;

/// <summary>A key identifier can lead only to the vaults of its own Azure environment, and to those that the operator allows.</summary>
public sealed class AzureHostsTests
{
    private const string Version = "0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("https://orders.vault.azure.net", AzureEnvironment.Azure, true)]
    [InlineData("https://ORDERS.Vault.Azure.Net", AzureEnvironment.Azure, true)]
    [InlineData("https://orders.vault.azure.cn", AzureEnvironment.AzureChina, true)]
    [InlineData("https://orders.vault.usgovcloudapi.net", AzureEnvironment.AzureUsGovernment, true)]
    [InlineData("https://orders.vault.azure.cn", AzureEnvironment.Azure, false)]
    [InlineData("https://orders.vault.azure.net", AzureEnvironment.AzureChina, false)]
    [InlineData("https://orders.managedhsm.azure.net", AzureEnvironment.Azure, false)]
    [InlineData("https://vault.azure.net", AzureEnvironment.Azure, false)]
    [InlineData("https://.vault.azure.net", AzureEnvironment.Azure, false)]
    [InlineData("https://a.b.vault.azure.net", AzureEnvironment.Azure, false)]
    [InlineData("https://orders.vault.azure.net:8443", AzureEnvironment.Azure, false)]
    [InlineData("https://orders.vault.azure.net.example.com", AzureEnvironment.Azure, false)]
    [InlineData("https://ordersvault.azure.net", AzureEnvironment.Azure, false)]
    [InlineData("https://127.0.0.1", AzureEnvironment.Azure, false)]
    [InlineData("https://169.254.169.254", AzureEnvironment.Azure, false)]
    [InlineData("https://localhost:8443", AzureEnvironment.Azure, true)]
    [InlineData("https://localhost:8444", AzureEnvironment.Azure, false)]
    public void A_vault_is_a_name_below_its_environments_domain(string vault, AzureEnvironment environment, bool expected) =>
        Assert.Equal(expected, Uri.TryCreate(vault, UriKind.Absolute, out var uri) && Hosts().IsVault(uri, environment));

    [Theory]
    [InlineData("https://login.microsoftonline.com/x", true)]
    [InlineData("https://login.chinacloudapi.cn/x", true)]
    [InlineData("https://login.microsoftonline.us/x", true)]
    [InlineData("https://localhost:8443/x", true)]
    [InlineData("http://login.microsoftonline.com/x", false)]
    [InlineData("https://login.microsoft.com/x", false)]
    [InlineData("https://example.com/x", false)]
    public void Nothing_else_is_ever_called(string uri, bool expected) => Assert.Equal(expected, Hosts().MayCall(new Uri(uri)));

    [Theory]
    [InlineData($"https://orders.vault.azure.net/keys/orders/{Version}", true)]
    [InlineData("https://orders.vault.azure.net/keys/orders", false)]
    [InlineData($"https://orders.vault.azure.net/secrets/orders/{Version}", false)]
    [InlineData($"https://orders.vault.azure.net/keys/orders/{Version}/more", false)]
    [InlineData($"https://orders.vault.azure.net/keys/orders/{Version}?x=1", false)]
    [InlineData($"https://orders.vault.azure.net/keys/orders/{Version}#x", false)]
    [InlineData($"https://someone@orders.vault.azure.net/keys/orders/{Version}", false)]
    [InlineData($"https://orders.vault.azure.net/keys/../{Version}", false)]
    [InlineData($"https://orders.vault.azure.net/keys/a%2Fb/{Version}", false)]
    [InlineData($"http://orders.vault.azure.net/keys/orders/{Version}", false)]
    [InlineData("orders", false)]
    public void A_key_identifier_is_exactly_vault_name_and_version(string identifier, bool expected) => Assert.Equal(expected, VaultKeyName.TryParse(identifier, out _));

    [Theory]
    [InlineData("https://127.0.0.1:{0}/keys/orders/{1}")]
    [InlineData("https://localhost:{0}/keys/orders")]
    [InlineData("https://orders.vault.azure.cn/keys/orders/{1}")]
    public async Task A_key_elsewhere_is_ears_fault_and_nobody_is_asked(string identifier)
    {
        await using var world = await AzureWorld.StartAsync();
        var key = world.AzureKey with { KeyIdentifier = string.Format(System.Globalization.CultureInfo.InvariantCulture, identifier, world.Azure.Port, Version) };

        var wrapped = await world.InTimeAsync(world.Provider.WrapAsync(key, new byte[32], KeyContext.ForCanary("0123456789abcdef01234567"), TestContext.Current.CancellationToken));

        Assert.Equal(UnknownReason.OurFault, Assert.IsType<KeyVerdict.Unknown>(wrapped.Verdict).Reason);
        Assert.Empty(world.Requests.All());
    }

    private static AzureHosts Hosts()
    {
        var options = new AzureKeyVaultOptions();
        options.VaultHosts = "localhost:8443";
        return new AzureHosts(Options.Create(options));
    }
}
