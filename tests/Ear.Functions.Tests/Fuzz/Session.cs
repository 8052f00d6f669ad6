using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ear.Functions.Tests.ApiDocument;
using Ear.Functions.Tests.Contract;

namespace Ear.Functions.Tests.Fuzz;

/// <summary>Requests one after the other on a world that begins as prepared, and what must hold after each of them.</summary>
internal sealed class Session(FuzzWorld world, Known own, Known other, Func<Asker, string> tokens, AgentRequests agents)
{
    /// <summary>What was found of an answer: most refusals come again and again, and the document itself is long. Forgotten as a whole when it is much.</summary>
    private static readonly ConcurrentDictionary<(string Operation, int Status, string? Type, string Text), IReadOnlyList<string>> Judged = new();
    private static readonly string[] PlainKeys = [Convert.ToBase64String(AgentRequests.PlainKey)[..40], System.Buffers.Text.Base64Url.EncodeToString(AgentRequests.PlainKey)[..40], Convert.ToHexString(AgentRequests.PlainKey)];
    private const int MostJudged = 10_000;
    private readonly SearchValues<string> foreign = SearchValues.Create([.. ForeignNames(own, other)], StringComparison.OrdinalIgnoreCase);
    private readonly SearchValues<string> anybodys = SearchValues.Create([.. AllNames(own, other)], StringComparison.OrdinalIgnoreCase);
    private readonly RequestMaker maker = new(own, other, tokens, agents);
    private readonly StringBuilder sentSoFar = new();
    private readonly Dictionary<string, string> secrets = new(StringComparer.Ordinal);

    /// <summary>Null: all is well. Otherwise the request and what is wrong with its answer.</summary>
    public async Task<string?> PlayAsync(Step step)
    {
        var asked = maker.Make(step);
        if (asked.Request.Target.Contains("%00", StringComparison.Ordinal))
            return null;
        sentSoFar.Append(Uri.UnescapeDataString(asked.Request.Target)).Append(asked.Request.Body is { } body ? Encoding.UTF8.GetString(body) : "");
        var before = world.Stored;
        var answer = await world.SendAsync(asked.Request);
        var fault = Fault(asked, answer, before);
        var json = answer.Status < 300 && asked.Operation.Id is not "getOpenApiDocument" ? Json(answer.Text) : null;
        if (fault is null && answer.Status < 300)
            Learn(asked, json);
        // An empty key is none: the server drops such a header.
        if (fault is null && asked.Twice && asked.Request.Header("Idempotency-Key") is { Length: > 0 })
            fault = await RepeatAsync(asked, answer, json);
        return fault is null ? null : $"{asked.Operation.Id} by {asked.Asker}: {fault}\n  {asked.Request}\n  → {answer}";
    }

    private string? Fault(Asking asked, RawAnswer answer, object before)
    {
        var (request, operation) = (asked.Request, asked.Operation);
        if (answer.Status >= 500 && !(answer.Status == 503 && (answer.Headers.ContainsKey("Retry-After") || AgentRequests.IsOne(operation))))
            return $"answered {answer.Status}: {world.Failure}";
        if (asked.MustBeRefused && answer.Status is not (400 or 401))
            return $"was taken from somebody unproven, with {answer.Status}.";
        if (answer.Status >= 400 && !world.IsUnchangedSince(before))
            return $"was refused with {answer.Status}, but something was written.";
        if (operation.Method == "get" && !world.IsUnchangedSince(before))
            return "is a GET, but something was written.";
        if (answer.Text.Contains(Words.Secret, StringComparison.Ordinal))
            return "tells a secret that was sent.";
        if (secrets.FirstOrDefault(s => answer.Text.Contains(s.Key, StringComparison.Ordinal)) is { Key: { } secret } once)
            return $"tells a secret again that {once.Value} told once ({secret[..4]}…).";
        if (PlainKeys.Any(key => answer.Text.Contains(key, StringComparison.OrdinalIgnoreCase)))
            return "tells a node's master key.";
        if (asked.Asker is Asker.Roleless or Asker.Nobody && answer.Text.AsSpan().ContainsAny(anybodys) && Leaked(answer.Text, AllNames(own, other)) is { } told)
            return $"tells {told} to somebody who is in no project.";
        if (asked.Asker is not (Asker.Stranger or Asker.Roleless or Asker.Nobody) && answer.Text.AsSpan().ContainsAny(foreign) && Leaked(answer.Text, ForeignNames(own, other)) is { } leaked)
            return $"tells {leaked} of the other project to somebody who is not in it.";
        var type = answer.Headers.ContentType.FirstOrDefault();
        var key = ($"{operation.Id}{(request.Target.Contains("envelope=true", StringComparison.Ordinal) ? " in an envelope" : "")}", answer.Status, type, answer.Text);
        if (Judged.Count > MostJudged)
            Judged.Clear();
        var faults = Judged.GetOrAdd(key, _ => Judge(request, operation, answer, type));
        return faults.Count == 0 ? null : $"answered not as documented: {string.Join("; ", faults)}";
    }

    /// <summary>Not where the host finds another operation at the path, or none.</summary>
    private static IReadOnlyList<string> Judge(RawRequest request, DocumentedOperation operation, RawAnswer answer, string? type)
        => Contracts.Own.Operation(operation.Method, request.Target)?.Id != operation.Id || (answer.Status == 404 && answer.Text.Length == 0)
            ? []
            : Contracts.Own.OfAnswer(operation.Method, request.Target, answer.Status, answer.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), Json(answer.Text));

    private async Task<string?> RepeatAsync(Asking asked, RawAnswer first, JsonNode? json)
    {
        var before = world.Stored;
        var answer = await world.SendAsync(asked.Request);
        if (answer.Status >= 500)
            return $"answered {first.Status}, and its repeat {answer.Status}: {answer.Text}";
        if (first.Status is 200 or 201 && asked.Request.Header("Idempotency-Key") is { Length: > 0 } && Json(answer.Text)?["id"]?.ToJsonString() != json?["id"]?.ToJsonString())
            return $"made one thing, and its repeat another or none: {answer}";
        return first.Status is 200 or 201 && !world.IsUnchangedSince(before) ? $"was repeated, and something was written again: {answer}" : null;
    }

    private void Learn(Asking asked, JsonNode? json)
    {
        if (asked.Asker is Asker.Owner && asked.Request.Target.Contains(own.Project, StringComparison.Ordinal))
            own.Learn(asked.Operation.Path, json);
        if (asked.Twice || asked.Operation.Method != "post")
            return;
        foreach (var told in Secrets(json))
            secrets[told] = asked.Operation.Id;
    }

    private static IEnumerable<string> Secrets(JsonNode? json) => json switch
    {
        JsonObject fields => fields.SelectMany(f => f is { Key: "privateKey" or "secret", Value: JsonValue value } && value.ToString() is { Length: > 20 } text && !text.Contains('*') ? [text] : Secrets(f.Value)),
        JsonArray items => items.SelectMany(Secrets),
        _ => [],
    };

    /// <summary>What was sent itself may be said again.</summary>
    private string? Leaked(string text, IEnumerable<string> names)
    {
        var sent = sentSoFar.ToString();
        return names.FirstOrDefault(v => text.Contains(v, StringComparison.OrdinalIgnoreCase) && !sent.Contains(v, StringComparison.OrdinalIgnoreCase));
    }

    private static IEnumerable<string> ForeignNames(Known own, Known other) => other.All.Append(FuzzWorld.Marker).Except(own.All).Where(v => v.Length > 6);

    private static IEnumerable<string> AllNames(Known own, Known other) => own.All.Concat(other.All).Append(FuzzWorld.Marker).Where(v => v.Length > 6).Distinct();

    private static JsonNode? Json(string text)
    {
        if (text.Length == 0)
            return null;
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
