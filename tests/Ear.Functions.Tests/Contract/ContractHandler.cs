using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ear.Functions.Tests.Contract;

/// <summary>Under every client of the doors' tests: an answer that is not as documented fails the test that got it.</summary>
internal sealed class ContractHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        await answer.Content.LoadIntoBufferAsync(cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        var type = answer.Content.Headers.ContentType?.ToString();
        var body = Json(text, type);
        foreach (var contract in Contracts.All)
        {
            var faults = contract.OfAnswer(request.Method.Method, request.RequestUri!.PathAndQuery, (int)answer.StatusCode, type, body);
            if (faults.Count > 0)
                Assert.Fail($"{request.Method} {request.RequestUri.PathAndQuery} answered {(int)answer.StatusCode}, but {contract.Name} says otherwise:\n  {string.Join("\n  ", faults)}\n{text}");
        }
        return answer;
    }

    /// <summary>What is no JSON is a text.</summary>
    private static JsonNode? Json(string text, string? type)
    {
        if (text.Length == 0)
            return null;
        if (type?.Contains("json", StringComparison.Ordinal) is not true)
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
