using System.Text.Json.Serialization;

namespace Ear.Nodes;

/// <summary>One member of a cluster: a machine with an agent and its mongod.</summary>
[JsonConverter(typeof(HexIdJsonConverter<NodeId>))]
public readonly record struct NodeId : IHexId<NodeId>
{
    private NodeId(string value) => Value = value;

    public string Value { get; }

    public static NodeId FromValid(string value) => new(value);

    public static NodeId Parse(string s, IFormatProvider? provider) => HexId.Parse<NodeId>(s);

    public static bool TryParse(string? s, IFormatProvider? provider, out NodeId result) => HexId.TryParse(s, out result);

    public override string ToString() => Value;
}
