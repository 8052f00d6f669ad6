using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Ear.EndToEnd.Tests;

/// <summary>The project at Ear's API, as its owner.</summary>
internal sealed class OwnerApi(JsonNode ready, string folder) : IDisposable
{
    private readonly Dictionary<string, string> replicaSets = [];
    private readonly Uri url = new(Text(ready, "baseUrl"));
    private readonly HttpClient http = new(new SocketsHttpHandler
    {
        Credentials = new CredentialCache { { new Uri(Text(ready, "baseUrl")), "Digest", new NetworkCredential(Text(ready, "publicKey"), Text(ready, "privateKey")) } },
    });

    public async Task<JsonNode> SendAsync(HttpMethod method, string path, JsonNode? body, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, new Uri(url, $"api/atlas/v2/groups/{Text(ready, "projectId")}/{path}"));
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/vnd.atlas.2024-10-23+json"));
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await http.SendAsync(request, stop);
        var text = await answer.Content.ReadAsStringAsync(stop);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    public async Task<bool> AllRunAsync(string[] names, CancellationToken stop)
    {
        foreach (var name in names)
        {
            var cluster = await SendAsync(HttpMethod.Get, $"clusters/{name}", null, stop);
            if (Text(cluster, "stateName") != "IDLE" || cluster["connectionStrings"]?["standard"] is not { } address)
                return false;
            replicaSets[name] = address.GetValue<string>().Split("replicaSet=")[1].Split('&')[0];
            if (Mongods(name) != 3)
                return false;
        }
        return true;
    }

    /// <summary>Running mongod processes of a cluster that was up once.</summary>
    public int Mongods(string cluster)
        => EarCommand.CommandLinesNaming(folder).Count(a => Array.IndexOf(a, "--replSet") is var at and >= 0 && a[at + 1] == replicaSets[cluster]);

    public Task RunValidationAsync(CancellationToken stop) => RunFunctionAsync("ValidateCustomerKeys", stop);

    /// <summary>A function with a timer, now.</summary>
    public async Task RunFunctionAsync(string function, CancellationToken stop)
    {
        var keys = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "host", "host-keys.json"), stop))!;
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(url, $"admin/functions/{function}"))
        {
            Content = new StringContent("""{"input":""}""", Encoding.UTF8, "application/json"),
            Headers = { { "x-functions-key", Text(keys, "master") } },
        };
        using var answer = await http.SendAsync(request, stop);
        answer.EnsureSuccessStatusCode();
    }

    public void Dispose() => http.Dispose();

    private static string Text(JsonNode node, string field) => node[field]!.GetValue<string>();
}
