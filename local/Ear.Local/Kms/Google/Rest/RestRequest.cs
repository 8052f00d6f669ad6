using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Http;

namespace Ear.Local.Kms.Google.Rest;

/// <summary>A REST request, taken apart: <c>POST /v1/{name}:{verb}?{query}</c>.</summary>
/// <param name="Path">Without /v1/ and verb.</param>
internal sealed record RestRequest(string Method, string Path, string? Verb, IQueryCollection Parameters, byte[] Body)
{
    /// <summary>As in Google's http annotations: names are replaced by stars.</summary>
    public string Pattern => $"{Method} {string.Join('/', Path.Split('/').Select((s, i) => i % 2 == 0 ? s : "*"))}{(Verb is null ? "" : ":" + Verb)}";

    /// <summary>What a collection is in.</summary>
    public string Parent => Path[..Path.LastIndexOf('/')];

    public bool WantsEnumsAsNumbers => Text("$alt").Contains("enum-encoding=int", StringComparison.Ordinal);

    public FieldMask Mask => new() { Paths = { Text("updateMask").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(SnakeCase) } };

    /// <returns>null when the path is not one of the API's.</returns>
    public static RestRequest? TryParse(HttpRequest request, byte[] body)
    {
        if (!request.Path.StartsWithSegments("/v1", StringComparison.Ordinal, out var rest) || rest.Value is not { Length: > 1 } value)
            return null;
        var path = value[1..];
        var colon = path.IndexOf(':', path.LastIndexOf('/') + 1);
        return colon < 0
            ? new RestRequest(request.Method, path, Verb: null, request.Query, body)
            : new RestRequest(request.Method, path[..colon], path[(colon + 1)..], request.Query, body);
    }

    public string Text(string name) => Parameters[name].FirstOrDefault() ?? "";

    public int Number(string name) =>
        Text(name) is not { Length: > 0 } text ? 0 : int.TryParse(text, out var number) ? number : throw GoogleRefusal.Invalid($"Invalid value at '{name}': \"{text}\".");

    public bool Flag(string name) => string.Equals(Text(name), "true", StringComparison.OrdinalIgnoreCase);

    public T Message<T>()
        where T : IMessage, new() => RestJson.Read<T>(Body, new T().Descriptor);

    private static string SnakeCase(string path)
    {
        var snake = new StringBuilder();
        foreach (var c in path)
            _ = char.IsAsciiLetterUpper(c) ? snake.Append('_').Append(char.ToLowerInvariant(c)) : snake.Append(c);
        return snake.ToString();
    }
}
