using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Ear.Local.Demo;

internal sealed record Answer(int Status, JsonNode? Body)
{
    public string? ErrorCode => Body?["errorCode"]?.GetValue<string>();

    public override string ToString() => ErrorCode is { } code ? $"{Status} {code}" : Status.ToString();
}

/// <summary>An outside client of the Atlas Administration API, by HTTP Digest as Terraform and the CLI do, or by Bearer token.</summary>
internal sealed class AtlasClient : IDisposable
{
    private const string Json = "application/vnd.atlas.2024-10-23+json";
    private readonly HttpClient http;

    private AtlasClient(HttpClient http) => this.http = http;

    public static AtlasClient WithDigest(Uri baseUrl, string publicKey, string privateKey)
    {
        var credentials = new CredentialCache { { baseUrl, "Digest", new NetworkCredential(publicKey, privateKey) } };
        return new(new(new SocketsHttpHandler { Credentials = credentials }) { BaseAddress = baseUrl, Timeout = TimeSpan.FromSeconds(60) });
    }

    public static async Task<AtlasClient> WithServiceAccountAsync(Uri baseUrl, string clientId, string clientSecret, CancellationToken cancellation)
    {
        var client = new HttpClient { BaseAddress = baseUrl, Timeout = TimeSpan.FromSeconds(60) };
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/oauth/token")
        {
            Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]),
            Headers = { Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{clientId}:{clientSecret}"))) },
        };
        using var response = await client.SendAsync(request, cancellation);
        response.EnsureSuccessStatusCode();
        var token = await response.Content.ReadFromJsonAsync<JsonNode>(cancellation);
        client.DefaultRequestHeaders.Authorization = new("Bearer", token!["access_token"]!.GetValue<string>());
        return new(client);
    }

    public Task<Answer> GetAsync(string path, CancellationToken cancellation) => SendAsync(HttpMethod.Get, path, null, cancellation);

    public Task<Answer> PostAsync(string path, JsonNode body, CancellationToken cancellation) => SendAsync(HttpMethod.Post, path, body, cancellation);

    public Task<Answer> PatchAsync(string path, JsonNode body, CancellationToken cancellation) => SendAsync(HttpMethod.Patch, path, body, cancellation);

    public async Task<Answer> SendAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, "api/atlas/v2/" + path);
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(Json));
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, MediaTypeHeaderValue.Parse(Json));
        using var response = await http.SendAsync(request, cancellation);
        var text = await response.Content.ReadAsStringAsync(cancellation);
        return new((int)response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    public void Dispose() => http.Dispose();
}
