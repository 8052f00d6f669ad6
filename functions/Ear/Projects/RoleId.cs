using System.Text.Json.Serialization;

namespace Ear.Projects;

/// <summary>A cloud-provider-access role of a project, through which Ear reaches the customer's cloud account.</summary>
[JsonConverter(typeof(HexIdJsonConverter<RoleId>))]
public readonly record struct RoleId : IHexId<RoleId>
{
    private RoleId(string value) => Value = value;

    public string Value { get; }

    public static RoleId FromValid(string value) => new(value);

    public static RoleId Parse(string s, IFormatProvider? provider) => HexId.Parse<RoleId>(s);

    public static bool TryParse(string? s, IFormatProvider? provider, out RoleId result) => HexId.TryParse(s, out result);

    public override string ToString() => Value;
}
