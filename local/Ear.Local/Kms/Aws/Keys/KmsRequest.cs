using System.Text.Json;

namespace Ear.Local.Kms.Aws.Keys;

/// <summary>One call: the JSON members with AWS's complaints about them, who calls, and in which region.</summary>
internal sealed class KmsRequest(JsonElement members, AwsCaller caller, string region)
{
    public AwsCaller Caller => caller;

    public string Region => region;

    public string? Text(string name, string? otherwise = null) => Member(name) is not { } value ? otherwise
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Serialization();

    public string RequiredText(string name) => Text(name) ?? throw Missing(name);

    public int? Number(string name, int least, int most)
    {
        if (Member(name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var number))
            throw Serialization();
        return number < least ? throw AwsRefusal.Constraint(Camel(name), $"Member must have value greater than or equal to {least}")
            : number > most ? throw AwsRefusal.Constraint(Camel(name), $"Member must have value less than or equal to {most}")
            : number;
    }

    public bool Flag(string name) => Member(name) is { } value &&
        (value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Serialization());

    public byte[] RequiredBytes(string name, int most)
    {
        var value = Member(name) ?? throw Missing(name);
        if (value.ValueKind != JsonValueKind.String || !value.TryGetBytesFromBase64(out var bytes))
            throw Serialization();
        return bytes.Length == 0 ? throw AwsRefusal.Constraint(Camel(name), "Member must have length greater than or equal to 1")
            : bytes.Length > most ? throw AwsRefusal.Constraint(Camel(name), $"Member must have length less than or equal to {most}")
            : bytes;
    }

    public IReadOnlyDictionary<string, string> Map(string name)
    {
        if (Member(name) is not { } value)
            return new Dictionary<string, string>();
        if (value.ValueKind != JsonValueKind.Object)
            throw Serialization();
        var map = new Dictionary<string, string>();
        foreach (var entry in value.EnumerateObject())
            map[entry.Name] = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : throw Serialization();
        return map;
    }

    private JsonElement? Member(string name) =>
        members.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static AwsRefusal Missing(string name) => AwsRefusal.Constraint(Camel(name), "Member must not be null");

    private static AwsRefusal Serialization() => new("SerializationException", message: null);

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
