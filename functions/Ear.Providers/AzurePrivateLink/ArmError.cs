using System.Text.Json;

namespace Ear.Providers.AzurePrivateLink;

/// <summary>An error as Azure Resource Manager writes it: in an answer, and in a deployment that failed. Those within are told, those around them only group them.</summary>
/// <param name="Innermost">At least one.</param>
internal sealed record ArmError(IReadOnlyList<ArmErrorPart> Innermost)
{
    private const int MostQuoted = 400;
    private const int MostDepth = 8;

    /// <summary>For people, without a full stop.</summary>
    public string Words => Permission.Missing(Innermost) ?? Quoted(Innermost[0]);

    public bool Has(Func<string, bool> code) => Innermost.Any(p => code(p.Code));

    /// <param name="body">Something with an <c>error</c> in it: an answer, or a deployment's properties.</param>
    /// <returns>null: it has none.</returns>
    public static ArmError? In(JsonElement? body) => body?.Find("error") is { ValueKind: JsonValueKind.Object } error ? new ArmError([.. Parts(error, 0)]) : null;

    private static IEnumerable<ArmErrorPart> Parts(JsonElement error, int depth)
    {
        var part = new ArmErrorPart(error.Text("code") ?? "", error.Text("message") ?? "");
        // A resource provider's own error comes as text within the message.
        if (depth < MostDepth && Nested(part.Message) is { } nested)
            return Parts(nested, depth + 1);
        var within = depth < MostDepth && error.Find("details") is { ValueKind: JsonValueKind.Array } details
            ? details.EnumerateArray().Where(d => d.ValueKind is JsonValueKind.Object).SelectMany(d => Parts(d, depth + 1)).ToList()
            : [];
        return within.Count > 0 ? within : [part];
    }

    private static JsonElement? Nested(string message)
    {
        if (!message.StartsWith('{'))
            return null;
        try
        {
            using var document = JsonDocument.Parse(message);
            var root = document.RootElement.Clone();
            return root.Find("error") is { ValueKind: JsonValueKind.Object } error ? error : root.Text("code") is null ? null : root;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Quoted(ArmErrorPart part)
    {
        var message = part.Message.ReplaceLineEndings(" ").Trim().TrimEnd('.');
        if (message.Length == 0)
            return part.Code;
        return $"{part.Code}: {(message.Length > MostQuoted ? message[..MostQuoted] + "…" : message)}";
    }
}

internal readonly record struct ArmErrorPart(string Code, string Message);

internal static class JsonElements
{
    public static JsonElement? Find(this JsonElement element, string name)
        => element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out var found) && found.ValueKind is not JsonValueKind.Null ? found : null;

    public static string? Text(this JsonElement element, string name) => element.Find(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>Of a list; null when it is empty, or no list.</summary>
    public static JsonElement? First(this JsonElement element, string name)
        => element.Find(name) is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0 ? list[0] : null;
}
