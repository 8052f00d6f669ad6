using System.Buffers.Text;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ear.EndToEnd.Tests;

/// <summary>A customer at the local Google Cloud KMS, by plain REST.</summary>
internal sealed class GoogleAdmin : IDisposable
{
    private readonly HttpClient http;
    private readonly string project;

    private GoogleAdmin(HttpClient http, string project)
    {
        this.http = http;
        this.project = project;
    }

    public static async Task<GoogleAdmin> SignInAsync(JsonNode google, CancellationToken cancellation)
    {
        var account = JsonNode.Parse(await File.ReadAllTextAsync(google["serviceAccountKeyFile"]!.GetValue<string>(), cancellation))!;
        var http = new HttpClient { BaseAddress = new Uri(google["restEndpoint"]!.GetValue<string>()) };
        var tokenUri = account["token_uri"]!.GetValue<string>();
        using var answer = await http.PostAsync(tokenUri, new FormUrlEncodedContent(
            [new("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), new("assertion", Assertion(account, tokenUri))]), cancellation);
        answer.EnsureSuccessStatusCode();
        http.DefaultRequestHeaders.Authorization = new("Bearer", (await answer.Content.ReadFromJsonAsync<JsonNode>(cancellation))!["access_token"]!.GetValue<string>());
        return new(http, google["projectId"]!.GetValue<string>());
    }

    /// <returns>The name of the key's first version.</returns>
    public async Task<string> CreateAsync(string ring, string key, CancellationToken cancellation)
    {
        var rings = $"projects/{project}/locations/global/keyRings";
        (await http.PostAsJsonAsync($"v1/{rings}?keyRingId={ring}", new { }, cancellation)).EnsureSuccessStatusCode();
        using var answer = await http.PostAsJsonAsync($"v1/{rings}/{ring}/cryptoKeys?cryptoKeyId={key}", new { purpose = "ENCRYPT_DECRYPT" }, cancellation);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonNode>(cancellation))!["primary"]!["name"]!.GetValue<string>();
    }

    public async Task EnableAsync(string version, bool enabled, CancellationToken cancellation)
    {
        using var answer = await http.PatchAsJsonAsync($"v1/{version}?updateMask=state", new { state = enabled ? "ENABLED" : "DISABLED" }, cancellation);
        answer.EnsureSuccessStatusCode();
    }

    public void Dispose() => http.Dispose();

    private static string Assertion(JsonNode account, string audience)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new { iss = account["client_email"]!.GetValue<string>(), scope = "https://www.googleapis.com/auth/cloudkms", aud = audience, iat = now, exp = now + 3600 };
        var signed = $"{Part(new { alg = "RS256", typ = "JWT" })}.{Part(claims)}";
        using var key = RSA.Create();
        key.ImportFromPem(account["private_key"]!.GetValue<string>());
        return $"{signed}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static string Part(object content) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(content));
}
