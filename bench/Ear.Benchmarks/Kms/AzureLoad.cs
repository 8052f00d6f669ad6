using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Security.KeyVault.Keys;
using Azure.Security.KeyVault.Keys.Cryptography;
using Ear.Local.Kms.Azure;

namespace Ear.Benchmarks.Kms;

/// <summary>wrapkey and unwrapkey over TLS by the Key Vault client, with a token by Azure.Identity.</summary>
internal sealed class AzureLoad : IKmsClient
{
    private readonly HttpClient http;
    private readonly CryptographyClient[] keys;

    private AzureLoad(HttpClient http, CryptographyClient[] keys) => (this.http, this.keys) = (http, keys);

    public string Name => "Key Vault client, wrapkey + unwrapkey";

    public static async Task<AzureLoad> StartAsync(AzureAddress address, int keyCount)
    {
        var http = new HttpClient(Trusting(address.CaFile));
        var transport = new HttpClientTransport(http);
        var credential = new ClientSecretCredential(address.TenantId, address.ClientId, address.ClientSecret, new ClientSecretCredentialOptions
        {
            AuthorityHost = new Uri(new Uri(address.Authority).GetLeftPart(UriPartial.Authority)),
            DisableInstanceDiscovery = true,
            Transport = transport,
        });
        var options = new KeyClientOptions { Transport = transport, DisableChallengeResourceVerification = true };
        // No retries: what the service answers badly is counted.
        options.Retry.MaxRetries = 0;
        var vault = new KeyClient(new Uri(address.VaultUrl), credential, options);
        var token = await credential.GetTokenAsync(new TokenRequestContext(["https://vault.azure.net/.default"]), CancellationToken.None);
        var keys = new CryptographyClient[keyCount];
        for (var n = 0; n < keyCount; n++)
            keys[n] = vault.GetCryptographyClient($"load{n}", await CreateAsync(http, address, $"load{n}", token.Token));
        return new(http, keys);
    }

    public async Task<byte[]> WrapAsync(int client, byte[] plaintext) => (await KeyOf(client).WrapKeyAsync(KeyWrapAlgorithm.RsaOaep256, plaintext)).EncryptedKey;

    public async Task<byte[]> UnwrapAsync(int client, byte[] wrapped) => (await KeyOf(client).UnwrapKeyAsync(KeyWrapAlgorithm.RsaOaep256, wrapped)).Key;

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    private CryptographyClient KeyOf(int client) => keys[client % keys.Length];

    /// <returns>The key's version.</returns>
    private static async Task<string> CreateAsync(HttpClient http, AzureAddress address, string name, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{address.VaultUrl}/keys/{name}/create?api-version=7.6") { Content = JsonContent.Create(new { kty = "RSA", key_size = 2048 }) };
        request.Headers.Authorization = new("Bearer", token);
        using var answer = await http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        var kid = (await answer.Content.ReadFromJsonAsync<JsonNode>())!["key"]!["kid"]!.GetValue<string>();
        return kid[(kid.LastIndexOf('/') + 1)..];
    }

    private static SocketsHttpHandler Trusting(string caFile) => new()
    {
        SslOptions = new()
        {
            CertificateChainPolicy = new()
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(caFile) },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        },
    };
}
