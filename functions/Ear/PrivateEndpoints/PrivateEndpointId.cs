using System.Text.Json.Serialization;

namespace Ear.PrivateEndpoints;

/// <summary>One private endpoint of a project.</summary>
[JsonConverter(typeof(HexIdJsonConverter<PrivateEndpointId>))]
public readonly record struct PrivateEndpointId : IHexId<PrivateEndpointId>
{
    private PrivateEndpointId(string value) => Value = value;

    public string Value { get; }

    public static PrivateEndpointId FromValid(string value) => new(value);

    public static PrivateEndpointId Parse(string s, IFormatProvider? provider) => HexId.Parse<PrivateEndpointId>(s);

    public static bool TryParse(string? s, IFormatProvider? provider, out PrivateEndpointId result) => HexId.TryParse(s, out result);

    public override string ToString() => Value;
}
