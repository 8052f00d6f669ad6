using System.Text.Json.Serialization;

namespace Ear.Alerts;

/// <summary>One alert of a project.</summary>
[JsonConverter(typeof(HexIdJsonConverter<AlertId>))]
public readonly record struct AlertId : IHexId<AlertId>
{
    private AlertId(string value) => Value = value;

    public string Value { get; }

    public static AlertId FromValid(string value) => new(value);

    public static AlertId Parse(string s, IFormatProvider? provider) => HexId.Parse<AlertId>(s);

    public static bool TryParse(string? s, IFormatProvider? provider, out AlertId result) => HexId.TryParse(s, out result);

    public override string ToString() => Value;
}
