using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ear;

/// <summary>An id of 24 lower-case hexadecimal characters, Atlas's form (spec atlas-ear §2.0). The only way to own one is to have had a valid one.</summary>
public interface IHexId<TSelf> : IParsable<TSelf>
    where TSelf : struct, IHexId<TSelf>
{
    string Value { get; }

    static abstract TSelf FromValid(string value);

    public static bool IsValid([NotNullWhen(true)] string? text)
        => text is { Length: 24 } && text.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'));
}

/// <summary>Shared parsing of the id types: <c>HexId.TryParse&lt;ProjectId&gt;(text, out var id)</c>.</summary>
public static class HexId
{
    public static bool TryParse<T>([NotNullWhen(true)] string? text, out T id)
        where T : struct, IHexId<T>
    {
        var valid = IHexId<T>.IsValid(text);
        id = valid ? T.FromValid(text!) : default;
        return valid;
    }

    /// <exception cref="FormatException">The text is no id; the message says what one looks like.</exception>
    public static T Parse<T>(string? text)
        where T : struct, IHexId<T>
        => TryParse<T>(text, out var id)
            ? id
            : throw new FormatException($"A {typeof(T).Name} is 24 lower-case hexadecimal characters; '{text}' is not.");
}

/// <summary>Writes an id as its text, and refuses anything else when reading; also usable as a dictionary key.</summary>
public sealed class HexIdJsonConverter<T> : JsonConverter<T>
    where T : struct, IHexId<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => HexId.TryParse<T>(reader.GetString(), out var id) ? id : throw new JsonException($"Not a {typeof(T).Name}.");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);

    public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => Read(ref reader, typeToConvert, options);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
        => writer.WritePropertyName(value.Value);
}
