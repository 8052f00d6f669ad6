using System.Globalization;
using System.Text.Json;

namespace Ear.Local.Host;

/// <summary>The settings of host.json that this host honours; the others belong to Azure or to the durable engine.</summary>
internal sealed record HostJson
{
    /// <summary>First segment of every HTTP route; empty for none. Default <c>api</c>.</summary>
    public string RoutePrefix { get; init; } = "api";

    /// <summary>Messages of one queue or subscription handled at a time, where its function asks for no sessions; 1 to 1000. Default 16.</summary>
    public int MaxConcurrentCalls { get; init; } = 16;

    /// <summary>The same where it asks for sessions: so many of them, and of each one message at a time; 1 to 1000. Default 8.</summary>
    public int MaxConcurrentSessions { get; init; } = 8;

    /// <summary>A session that had no message for so long makes room for another one; more than 0, up to an hour. Default 1 minute, Azure's wait for one answer.</summary>
    public TimeSpan SessionIdleTimeout { get; init; } = TimeSpan.FromMinutes(1);

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
                MaxConcurrentSessions = Child(serviceBus, "maxConcurrentSessions")?.GetInt32() ?? defaults.MaxConcurrentSessions,
                SessionIdleTimeout = Child(serviceBus, "sessionIdleTimeout")?.GetString() is { } idle ? TimeSpan.Parse(idle, CultureInfo.InvariantCulture) : defaults.SessionIdleTimeout,
                AutoCompleteMessages = Child(serviceBus, "autoCompleteMessages")?.GetBoolean() ?? defaults.AutoCompleteMessages,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            throw new InvalidFunctionsException([$"{path} is not a valid host.json: {e.Message}"]);
        }
    }

    public IEnumerable<string> Faults()
    {
        if (MaxConcurrentCalls is < 1 or > 1000)
            yield return $"host.json: extensions.serviceBus.maxConcurrentCalls is {MaxConcurrentCalls}; it must be between 1 and 1000.";
        if (MaxConcurrentSessions is < 1 or > 1000)
            yield return $"host.json: extensions.serviceBus.maxConcurrentSessions is {MaxConcurrentSessions}; it must be between 1 and 1000.";
        if (SessionIdleTimeout <= TimeSpan.Zero || SessionIdleTimeout > TimeSpan.FromHours(1))
            yield return $"host.json: extensions.serviceBus.sessionIdleTimeout is {SessionIdleTimeout}; it must be more than 0 and at most an hour.";
    }

    private static JsonElement? Child(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var child) ? child : null;
}
