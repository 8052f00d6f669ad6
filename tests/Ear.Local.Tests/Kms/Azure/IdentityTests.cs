using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Ear.Local.Kms.Azure.Entra;

namespace Ear.Local.Tests.Kms.Azure;

/// <summary>The real Azure.Identity against the local Entra.</summary>
public sealed class IdentityTests
{
    private static readonly TokenRequestContext Vault = new(["https://vault.azure.net/.default"]);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_secret_gets_a_token_that_the_vault_takes(bool withoutInstanceDiscovery)
    {
        await using var world = await AzureWorld.StartAsync();
        using var transport = new Rerouting(world);
        var credential = new ClientSecretCredential(
            world.Address.TenantId, world.Address.ClientId, world.Address.ClientSecret,
            Options(new ClientSecretCredentialOptions { DisableInstanceDiscovery = withoutInstanceDiscovery }, world, transport));

        var token = await credential.GetTokenAsync(Vault, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, (await world.GetAsync("/keys", token.Token)).Status);
        Assert.InRange(token.ExpiresOn - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(58), TimeSpan.FromMinutes(60));
        Assert.Equal(!withoutInstanceDiscovery, world.Requests.All().Any(r => r.Operation == "InstanceDiscovery"));
    }

    [Fact]
    public async Task A_certificate_gets_a_token_too()
    {
        await using var world = await AzureWorld.StartAsync();
        using var transport = new Rerouting(world);
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=ear", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        world.Service.Applications.Change(world.Service.EarAppId, a => a with { Keys = [ClientKey.Of(certificate)] });
        var credential = new ClientCertificateCredential(
            world.Address.TenantId, world.Service.EarAppId, certificate,
            Options(new ClientCertificateCredentialOptions { DisableInstanceDiscovery = true }, world, transport));

        var token = await credential.GetTokenAsync(Vault, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, (await world.GetAsync("/keys", token.Token)).Status);
    }

    [Fact]
    public async Task A_wrong_secret_is_an_authentication_failure_with_its_number()
    {
        await using var world = await AzureWorld.StartAsync();
        using var transport = new Rerouting(world);
        var credential = new ClientSecretCredential(
            world.Address.TenantId, world.Address.ClientId, "wrong",
            Options(new ClientSecretCredentialOptions { DisableInstanceDiscovery = true }, world, transport));

        var failed = await Assert.ThrowsAsync<AuthenticationFailedException>(async () => await credential.GetTokenAsync(Vault, TestContext.Current.CancellationToken));

        Assert.Contains("AADSTS7000215: Invalid client secret provided.", failed.InnerException!.Message);
    }

    private static T Options<T>(T options, AzureWorld world, HttpMessageHandler transport)
        where T : TokenCredentialOptions
    {
        options.AuthorityHost = new Uri(world.Address.VaultUrl);
        options.Transport = new HttpClientTransport(new HttpClient(transport, disposeHandler: false));
        options.Retry.MaxRetries = 0;
        return options;
    }

    /// <summary>Whether an authority is one, MSAL asks Microsoft's login: here that name leads to this machine, as a name server can make it.</summary>
    private sealed class Rerouting(AzureWorld world) : DelegatingHandler(world.Trusting())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var here = new Uri(world.Address.VaultUrl);
            Assert.Contains(request.RequestUri!.Host, (string[])[here.Host, "login.microsoftonline.com"]);
            request.RequestUri = new UriBuilder(request.RequestUri) { Host = here.Host, Port = here.Port }.Uri;
            return base.SendAsync(request, cancellationToken);
        }
    }
}
