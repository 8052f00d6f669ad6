using System.Text.Json.Serialization;

namespace Ear.Clusters;

/// <summary>A cluster. A deleted and re-created cluster of the same name has another id.</summary>
[JsonConverter(typeof(HexIdJsonConverter<ClusterId>))]
public readonly record struct ClusterId : IHexId<ClusterId>
{
    private ClusterId(string value) => Value = value;

    public string Value { get; }

    public static ClusterId FromValid(string value) => new(value);

    public static ClusterId Parse(string s, IFormatProvider? provider) => HexId.Parse<ClusterId>(s);

    public static bool TryParse(string? s, IFormatProvider? provider, out ClusterId result) => HexId.TryParse(s, out result);

    public override string ToString() => Value;
}
