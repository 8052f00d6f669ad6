using System.Text.Json.Serialization;

namespace Ear.Projects;

/// <summary>An organisation: owns projects.</summary>
[JsonConverter(typeof(HexIdJsonConverter<OrgId>))]
public readonly record struct OrgId : IHexId<OrgId>
{
    private OrgId(string value) => Value = value;

    public string Value { get; }

    public static OrgId FromValid(string value) => new(value);

    public static OrgId Parse(string s, IFormatProvider? provider) => HexId.Parse<OrgId>(s);

    public static bool TryParse(string? s, IFormatProvider? provider, out OrgId result) => HexId.TryParse(s, out result);

    public override string ToString() => Value;
}
