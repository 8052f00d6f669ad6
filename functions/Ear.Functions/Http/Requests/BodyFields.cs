using System.Text.Json;
using System.Text.Json.Nodes;
using Ear.Outcomes;

namespace Ear.Functions.Http.Requests;

/// <summary>
/// Reads the fields of a JSON object and collects every wrong type on the way, so that a person mends a body once. Null and absent
/// are the same; unknown fields are ignored, as Atlas's clients rely on.
/// </summary>
internal sealed class BodyFields
{
    private readonly JsonObject values;
    private readonly string path;
    private readonly List<FieldFault> faults;

    public BodyFields(JsonObject values)
        : this(values, "", [])
    {
    }

    private BodyFields(JsonObject values, string path, List<FieldFault> faults)
    {
        this.values = values;
        this.path = path;
        this.faults = faults;
    }

    /// <summary>Nothing is set in it: <c>{}</c>.</summary>
    public bool IsEmpty => values.All(v => v.Value is null);

    /// <summary>The parsed value, or all faults that were met.</summary>
    public Outcome<T> Or<T>(T parsed) => faults.Count == 0 ? parsed : new Problem.InvalidFields(faults);

    public string? Text(string name) => Value<string>(name, "a string", JsonValueKind.String);

    /// <summary>As <see cref="Text"/>; an empty text is not given, as clients write it for what is unset.</summary>
    public string? Given(string name) => Text(name) is { Length: > 0 } text ? text : null;

    public bool? Flag(string name) => Value<bool>(name, "true or false", JsonValueKind.True, JsonValueKind.False) is { } flag && values[name] is not null ? flag : null;

    public int? Number(string name)
    {
        if (values[name] is not { } node)
            return null;
        if (node is JsonValue value && value.GetValueKind() is JsonValueKind.Number && value.TryGetValue<int>(out var number))
            return number;
        Fault(name, "a whole number");
        return null;
    }

    public BodyFields? Object(string name)
    {
        if (values[name] is not { } node)
            return null;
        if (node is JsonObject inner)
            return new BodyFields(inner, $"{path}{name}.", faults);
        Fault(name, "an object");
        return null;
    }

    /// <summary>A list of objects; null when there is no list.</summary>
    public IReadOnlyList<BodyFields>? Objects(string name)
    {
        if (values[name] is not { } node)
            return null;
        if (node is JsonArray list && list.All(i => i is JsonObject))
            return [.. list.Select((item, index) => new BodyFields((JsonObject)item!, $"{path}{name}[{index}].", faults))];
        Fault(name, "a list of objects");
        return [];
    }

    /// <summary>A list with something in it.</summary>
    public bool HasItems(string name)
    {
        if (values[name] is null or JsonArray)
            return values[name] is JsonArray { Count: > 0 };
        Fault(name, "a list");
        return false;
    }

    /// <summary>A text of a form; a text of another form is a fault like a wrong type.</summary>
    public T? Parsed<T>(string name, string form)
        where T : struct, IParsable<T>
    {
        if (Text(name) is not { } text)
            return null;
        if (T.TryParse(text, null, out var value))
            return value;
        Fault(name, form);
        return null;
    }

    public void Fault(string name, string form) => faults.Add(new FieldFault(path + name, $"Must be {form}."));

    private T? Value<T>(string name, string form, params ReadOnlySpan<JsonValueKind> kinds)
    {
        if (values[name] is not { } node)
            return default;
        if (kinds.Contains(node.GetValueKind()))
            return node.GetValue<T>();
        Fault(name, form);
        return default;
    }
}
