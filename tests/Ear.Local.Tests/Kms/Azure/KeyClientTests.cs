using Azure;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Security.KeyVault.Keys;
using Azure.Security.KeyVault.Keys.Cryptography;
using Ear.Local.Kms.Azure.Vault;

namespace Ear.Local.Tests.Kms.Azure;

/// <summary>KeyClient with Azure.Identity, as a .NET application uses them: challenge, token, key.</summary>
public sealed class KeyClientTests
{
    [Fact]
    public async Task It_is_challenged_once_and_then_wraps_and_unwraps()
    {
        await using var world = await AzureWorld.StartAsync();
        var version = world.Service.Keys.Create("orders").Current.Id;
        using var http = new HttpClient(world.Trusting());
        var client = Client(world, http);

        KeyVaultKey key = await client.GetKeyAsync("orders");
        var cryptography = client.GetCryptographyClient("orders", version);
        var wrapped = await cryptography.WrapKeyAsync(KeyWrapAlgorithm.RsaOaep256, "secret"u8.ToArray());
        var unwrapped = await cryptography.UnwrapKeyAsync(KeyWrapAlgorithm.RsaOaep256, wrapped.EncryptedKey);

        Assert.Equal((true, $"{world.Address.VaultUrl}/keys/orders/{version}"), (key.Properties.Enabled, wrapped.KeyId));
        Assert.Equal("secret"u8.ToArray(), unwrapped.Key);
        Assert.Equal(["GetKey Unauthorized", "Token ok", "GetKey ok", "WrapKey ok", "UnwrapKey ok"], world.Requests.All().Select(r => $"{r.Operation} {r.Outcome}"));
    }

    [Fact]
    public async Task A_refusal_is_a_failed_request_with_the_outer_code_and_the_inner_one_in_its_body()
    {
        await using var world = await AzureWorld.StartAsync();
        world.Service.Keys.Create("orders");
        using var http = new HttpClient(world.Trusting());
        var client = Client(world, http);
        var cryptography = client.GetCryptographyClient("orders");
        var wrapped = await cryptography.WrapKeyAsync(KeyWrapAlgorithm.RsaOaep256, "secret"u8.ToArray());
        world.Service.Keys.Update("orders", null, new KeyChange { Enabled = false });

        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => cryptography.UnwrapKeyAsync(KeyWrapAlgorithm.RsaOaep256, wrapped.EncryptedKey));
        Assert.Equal((403, "Forbidden"), (refused.Status, refused.ErrorCode));
        Assert.Contains("\"innererror\":{\"code\":\"KeyDisabled\"}", refused.GetRawResponse()!.Content.ToString());

        var purge = world.Service.Keys.Delete("orders").PurgeOn;
        Assert.Equal("KeyNotFound", (await Assert.ThrowsAsync<RequestFailedException>(() => client.GetKeyAsync("orders"))).ErrorCode);
        Assert.Equal(purge, (await client.GetDeletedKeyAsync("orders")).Value.ScheduledPurgeDate);
    }

    private static KeyClient Client(AzureWorld world, HttpClient http)
    {
        var transport = new HttpClientTransport(http);
        var identity = new ClientSecretCredentialOptions { AuthorityHost = new Uri(world.Address.VaultUrl), DisableInstanceDiscovery = true, Transport = transport };
        return new KeyClient(
            new Uri(world.Address.VaultUrl),
            new ClientSecretCredential(world.Address.TenantId, world.Address.ClientId, world.Address.ClientSecret, identity),
            new KeyClientOptions { DisableChallengeResourceVerification = true, Transport = transport });
    }
}
