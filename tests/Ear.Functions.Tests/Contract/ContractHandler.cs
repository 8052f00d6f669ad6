using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ear.Functions.Tests.Contract;

/// <summary>
/// Under every client of the doors' tests: an answer that is not as documented fails the test that got it, and so does a body that
/// was taken although Ear's own document says otherwise. Atlas's document is no bound for what Ear takes: it is more liberal.
/// </summary>
internal sealed class ContractHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const string Versioned = "application/vnd.atlas.";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var sent = request.Content is { } content ? await JsonAsync(content, cancellationToken) : null;
        var answer = await base.SendAsync(request, cancellationToken);
        await answer.Content.LoadIntoBufferAsync(cancellationToken);
        var (method, path, type) = (request.Method.Method, request.RequestUri!.PathAndQuery, answer.Content.Headers.ContentType?.ToString());
        var body = await JsonAsync(answer.Content, cancellationToken);
        var headers = answer.Headers.Concat(answer.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        foreach (var contract in Contracts.All)
            Demand(contract.OfAnswer(method, path, (int)answer.StatusCode, headers, body), contract.Name, "The answer", body);
        if (answer.IsSuccessStatusCode && sent is JsonObject && type is not null && type.StartsWith(Versioned, StringComparison.Ordinal))
            Demand(Contracts.Own.OfRequest(method, path, type[Versioned.Length..^"+json".Length], sent), Contracts.Own.Name, "The body that was taken", sent);
        return answer;

        void Demand(IReadOnlyList<string> faults, string document, string what, JsonNode? found)
        {
            if (faults.Count > 0)
                Assert.Fail($"{method} {path} answered {(int)answer.StatusCode}. {what} is not what {document} says:\n  {string.Join("\n  ", faults)}\n{found?.ToJsonString()}");
        }
    }

    /// <summary>What is no JSON is a text.</summary>
    private static async Task<JsonNode?> JsonAsync(HttpContent content, CancellationToken cancellation)
    {
        var text = await content.ReadAsStringAsync(cancellation);
        if (text.Length == 0)
            return null;
        if (content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) is not true)
            return JsonValue.Create(text);
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }
}
