using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Ear.Benchmarks.Api;

/// <summary>
/// Atlas's API through the whole stack: HTTP, access token, authorisation, version, store, JSON. What counts is requests for each second of the server's
/// processor time, because the client shares the machine; the bare endpoint in the same run says what HTTP alone costs here.
/// </summary>
internal sealed class ApiBenchmark : IBenchmark
{
    private const int InFlight = 64;
    private const string Version = "application/vnd.atlas.2024-10-23+json";

    public string Name => "api";

    public string About => "GET of a small document and PATCH of projects by access token, 64 in flight, beside a bare Kestrel JSON endpoint";

    public async Task RunAsync(BenchmarkOptions options)
    {
        using var bare = await BareJson.StartAsync();
        await using var ear = await EarProcess.StartAsync(options.Folder);
        using var api = await SignedInAsync(ear.Ready);
        var group = $"api/atlas/v2/groups/{Text(ear.Ready, "projectId")}";
        await SendAsync(api, HttpMethod.Post, $"{group}/cloudProviderAccess", """{"providerName":"AWS"}""");
        var groups = await ProjectsAsync(api, Text(ear.Ready, "orgId"));

        ApiRounds.PrintHead();
        using var anybody = new HttpClient { BaseAddress = bare.Url };
        await MeasureAsync("bare Kestrel, GET of JSON as large", bare.Processor, () => 40_000, _ => GetAsync(anybody, ""), options);
        await MeasureAsync("GET cloudProviderAccess", ear.Processor, () => 20_000, _ => GetAsync(api, $"{group}/cloudProviderAccess"), options);
        await MeasureAsync("GET encryptionAtRest, no key configured", ear.Processor, () => 20_000, _ => GetAsync(api, $"{group}/encryptionAtRest"), options);
        await MeasureAsync("GET clusters, none there", ear.Processor, () => 20_000, _ => GetAsync(api, $"{group}/clusters"), options);
        var renamed = 0;
        // Each client has a project of its own: two that change one are told so, and that is not measured.
        await MeasureAsync("PATCH of a project's name, durable", ear.Processor, () => 10_000, client => SendAsync(
            api, HttpMethod.Patch, groups[client], $$"""{"name":"project {{client}} {{Interlocked.Increment(ref renamed)}}"}"""), options);
    }

    private static Task MeasureAsync(string what, Func<TimeSpan> processor, Func<int> requests, Func<int, Task> request, BenchmarkOptions options)
        => ApiRounds.MeasureAsync(what, options.Rounds, processor, async () =>
        {
            var all = requests();
            var next = -1;
            await Task.WhenAll(Enumerable.Range(0, InFlight).Select(async client =>
            {
                // Not one after another on the caller's thread.
                await Task.Yield();
                while (Interlocked.Increment(ref next) < all)
                    await request(client);
            }));
            return all;
        });

    private static async Task<HttpClient> SignedInAsync(JsonNode ready)
    {
        var api = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(Text(ready, "baseUrl")) };
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/oauth/token") { Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]) };
        request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Text(ready, "clientId")}:{Text(ready, "clientSecret")}")));
        using var answer = await api.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        api.DefaultRequestHeaders.Authorization = new("Bearer", Text(JsonNode.Parse(await answer.Content.ReadAsStringAsync())!, "access_token"));
        api.DefaultRequestHeaders.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(Version));
        return api;
    }

    private static async Task<string[]> ProjectsAsync(HttpClient api, string organisation)
    {
        var groups = new string[InFlight];
        for (var n = 0; n < InFlight; n++)
            groups[n] = $"api/atlas/v2/groups/{Text(await SendAsync(api, HttpMethod.Post, "api/atlas/v2/groups", $$"""{"name":"project {{n}}","orgId":"{{organisation}}"}"""), "id")}";
        return groups;
    }

    private static async Task GetAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path);
        await answer.Content.ReadAsByteArrayAsync();
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<JsonNode> SendAsync(HttpClient api, HttpMethod method, string path, string body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        using var answer = await api.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new InvalidOperationException($"{method} {path}: {(int)answer.StatusCode} {text}");
    }

    private static string Text(JsonNode node, string field) => node[field]!.GetValue<string>();
}
