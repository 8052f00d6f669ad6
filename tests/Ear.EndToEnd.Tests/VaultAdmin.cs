using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Ear.EndToEnd.Tests;

/// <summary>A customer at the local Key Vault, by plain REST.</summary>
internal sealed class VaultAdmin : IDisposable
{
    private const string Version = "api-version=7.4";
    private readonly HttpClient http;

    private VaultAdmin(HttpClient http) => this.http = http;

    public static async Task<VaultAdmin> SignInAsync(JsonNode azure, CancellationToken cancellation)
    {
        var http = new HttpClient(Trusting(azure["caFile"]!.GetValue<string>())) { BaseAddress = new Uri(azure["vaultUrl"]!.GetValue<string>()) };
        var tenant = azure["tenantId"]!.GetValue<string>();
        var authority = azure["authority"]!.GetValue<string>().TrimEnd('/');
        if (!authority.EndsWith(tenant, StringComparison.Ordinal))
            authority += $"/{tenant}";
        using var answer = await http.PostAsync($"{authority}/oauth2/v2.0/token", new FormUrlEncodedContent(
        [
            new("grant_type", "client_credentials"), new("scope", "https://vault.azure.net/.default"),
            new("client_id", azure["clientId"]!.GetValue<string>()), new("client_secret", azure["clientSecret"]!.GetValue<string>()),
        ]), cancellation);
        answer.EnsureSuccessStatusCode();
        http.DefaultRequestHeaders.Authorization = new("Bearer", (await answer.Content.ReadFromJsonAsync<JsonNode>(cancellation))!["access_token"]!.GetValue<string>());
        return new(http);
    }

    /// <returns>The key's identifier, with its version.</returns>
    public async Task<string> CreateAsync(string name, CancellationToken cancellation)
    {
        using var answer = await http.PostAsJsonAsync($"keys/{name}/create?{Version}", new { kty = "RSA", key_size = 2048 }, cancellation);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonNode>(cancellation))!["key"]!["kid"]!.GetValue<string>();
    }

    public async Task EnableAsync(string keyIdentifier, bool enabled, CancellationToken cancellation)
    {
        using var answer = await http.PatchAsJsonAsync($"{new Uri(keyIdentifier).AbsolutePath}?{Version}", new { attributes = new { enabled } }, cancellation);
        answer.EnsureSuccessStatusCode();
    }

    public void Dispose() => http.Dispose();

    private static SocketsHttpHandler Trusting(string caFile)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(caFile));
        return handler;
    }
}
