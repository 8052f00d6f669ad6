using System.Text.Json.Serialization;

namespace Ear.Projects;

/// <summary>A project (Atlas also says group): owns clusters and one key configuration a provider.</summary>
[JsonConverter(typeof(HexIdJsonConverter<ProjectId>))]
public readonly record struct ProjectId : IHexId<ProjectId>
{
    private ProjectId(string value) => Value = value;

    public string Value { get; }

    public static ProjectId FromValid(string value) => new(value);

    public static ProjectId Parse(string s, IFormatProvider? provider) => HexId.Parse<ProjectId>(s);

    public static bool TryParse(string? s, IFormatProvider? provider, out ProjectId result) => HexId.TryParse(s, out result);

    public override string ToString() => Value;
}
