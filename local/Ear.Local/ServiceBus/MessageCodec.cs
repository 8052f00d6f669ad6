using System.Globalization;
using System.Text.Json;
using Azure.Messaging.ServiceBus;

namespace Ear.Local.ServiceBus;

/// <summary>Everything of a message but its body, as JSON; application properties keep their types.</summary>
internal static class MessageCodec
{
    private const string Format = "O";

    public static string Write(ServiceBusMessage message) => JsonSerializer.Serialize(
        new Properties(
            message.Subject,
            message.CorrelationId,
            message.To,
            message.ContentType,
            message.TimeToLive == TimeSpan.MaxValue ? null : message.TimeToLive,
            message.ApplicationProperties.ToDictionary(p => p.Key, p => Tag(p.Key, p.Value))),
        EarJson.Options);

    public static Properties Read(string json) =>
        JsonSerializer.Deserialize<Properties>(json, EarJson.Options) ?? throw new JsonException("A message's properties are null.");

    /// <summary>The same properties with some set or added.</summary>
    public static string With(string json, IEnumerable<KeyValuePair<string, object>> changes)
    {
        var properties = Read(json);
        foreach (var (key, value) in changes)
            properties.Application[key] = Tag(key, value);
        return JsonSerializer.Serialize(properties, EarJson.Options);
    }

    public static Dictionary<string, object> Untag(Properties properties) =>
        properties.Application.ToDictionary(p => p.Key, p => Untag(p.Value));

    private static string[] Tag(string key, object value) => value switch
    {
        string s => ["s", s],
        bool b => ["b", b ? "true" : "false"],
        int i => ["i", i.ToString(CultureInfo.InvariantCulture)],
        long l => ["l", l.ToString(CultureInfo.InvariantCulture)],
        double d => ["d", d.ToString("R", CultureInfo.InvariantCulture)],
        decimal m => ["m", m.ToString(CultureInfo.InvariantCulture)],
        Guid g => ["g", g.ToString()],
        DateTimeOffset t => ["t", t.ToString(Format, CultureInfo.InvariantCulture)],
        TimeSpan p => ["p", p.ToString("c", CultureInfo.InvariantCulture)],
        _ => throw new ArgumentException(
            $"Application property {key} is a {value?.GetType().Name ?? "null"}; it must be a string, bool, int, long, double, decimal, Guid, DateTimeOffset or TimeSpan.", nameof(value)),
    };

    private static object Untag(string[] tagged) => tagged[0] switch
    {
        "s" => tagged[1],
        "b" => tagged[1] == "true",
        "i" => int.Parse(tagged[1], CultureInfo.InvariantCulture),
        "l" => long.Parse(tagged[1], CultureInfo.InvariantCulture),
        "d" => double.Parse(tagged[1], CultureInfo.InvariantCulture),
        "m" => decimal.Parse(tagged[1], CultureInfo.InvariantCulture),
        "g" => Guid.Parse(tagged[1]),
        "t" => DateTimeOffset.ParseExact(tagged[1], Format, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
        "p" => TimeSpan.ParseExact(tagged[1], "c", CultureInfo.InvariantCulture),
        _ => throw new JsonException($"Unknown property type {tagged[0]}."),
    };

    internal sealed record Properties(
        string? Subject, string? CorrelationId, string? To, string? ContentType, TimeSpan? TimeToLive, Dictionary<string, string[]> Application);
}
