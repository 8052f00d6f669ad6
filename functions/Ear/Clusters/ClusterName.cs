using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Ear.Clusters;

/// <summary>A cluster's name: letters, digits and hyphens, 1 to 64, not starting with a hyphen; unique in its project, compared as written.</summary>
[JsonConverter(typeof(ClusterNameJsonConverter))]
public readonly partial record struct ClusterName : IParsable<ClusterName>
{
    private ClusterName(string value) => Value = value;

    public string Value { get; }

    public static ClusterName Parse(string s, IFormatProvider? provider)
        => TryParse(s, provider, out var name)
            ? name
            : throw new FormatException($"A cluster name is 1 to 64 letters, digits and hyphens and does not start with a hyphen; '{s}' is not.");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ClusterName result)
    {
        var valid = s is not null && Pattern().IsMatch(s);
        result = valid ? new(s!) : default;
        return valid;
    }

    public override string ToString() => Value;

    [GeneratedRegex("^[a-zA-Z0-9][a-zA-Z0-9-]{0,63}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}

public sealed class ClusterNameJsonConverter : JsonConverter<ClusterName>
{
    public override ClusterName Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => ClusterName.TryParse(reader.GetString(), null, out var name) ? name : throw new JsonException("Not a cluster name.");

    public override void Write(Utf8JsonWriter writer, ClusterName value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}
