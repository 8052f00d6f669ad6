using System.Text.Json.Serialization;

namespace Ear.Alerts;

/// <summary>One event of a project; also the message id on the bus, so that told twice is told once (I8).</summary>
[JsonConverter(typeof(HexIdJsonConverter<EventId>))]
public readonly record struct EventId : IHexId<EventId>
{
    private EventId(string value) => Value = value;

    public string Value { get; }

    public static EventId FromValid(string value) => new(value);

    public static EventId Parse(string s, IFormatProvider? provider) => HexId.Parse<EventId>(s);

    public static bool TryParse(string? s, IFormatProvider? provider, out EventId result) => HexId.TryParse(s, out result);

    public override string ToString() => Value;
}
