using System.Text.Json;

namespace Ear.Local.Host;

/// <summary>The settings of host.json that this host honours; the others belong to Azure or to the durable engine.</summary>
internal sealed record HostJson
{
    /// <summary>First segment of every HTTP route; empty for none. Default <c>api</c>.</summary>
    public string RoutePrefix { get; init; } = "api";

    /// <summary>Messages of one subscription handled at a time; 1 to 1000. Default 16.</summary>
    public int MaxConcurrentCalls { get; init; } = 16;

    /// <summary>Complete a message when its function returns, unless the attribute says otherwise. Default true.</summary>
    public bool AutoCompleteMessages { get; init; } = true;

    public static HostJson Load(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var defaults = new HostJson();
            var extensions = Child(document.RootElement, "extensions");
            var http = Child(extensions, "http");
            var serviceBus = Child(extensions, "serviceBus");
            return new HostJson
            {
                RoutePrefix = Child(http, "routePrefix")?.GetString() ?? defaults.RoutePrefix,
                MaxConcurrentCalls = Child(serviceBus, "maxConcurrentCalls")?.GetInt32() ?? defaults.MaxConcurrentCalls,
                AutoCompleteMessages = Child(serviceBus, "autoCompleteMessages")?.GetBoolean() ?? defaults.AutoCompleteMessages,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidFunctionsException([$"{path} is not a valid host.json: {e.Message}"]);
        }
    }

    public IEnumerable<string> Faults()
    {
        if (MaxConcurrentCalls is < 1 or > 1000)
            yield return $"host.json: extensions.serviceBus.maxConcurrentCalls is {MaxConcurrentCalls}; it must be between 1 and 1000.";
    }

    private static JsonElement? Child(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var child) ? child : null;
}
