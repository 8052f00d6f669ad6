using System.Text.Json.Serialization;

namespace Ear.Alerts;

/// <summary>One alert configuration of a project.</summary>
[JsonConverter(typeof(HexIdJsonConverter<AlertConfigId>))]
public readonly record struct AlertConfigId : IHexId<AlertConfigId>
{
    private AlertConfigId(string value) => Value = value;

    public string Value { get; }

    public static AlertConfigId FromValid(string value) => new(value);

    public static AlertConfigId Parse(string s, IFormatProvider? provider) => HexId.Parse<AlertConfigId>(s);

    public static bool TryParse(string? s, IFormatProvider? provider, out AlertConfigId result) => HexId.TryParse(s, out result);

    public override string ToString() => Value;
}
