using System.Collections.Immutable;
using System.Globalization;
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
    /// <summary>Of a list that says no smaller number: none of Atlas's lists has more, and a body is at most 1 MiB.</summary>
    private const int MostItems = 1000;
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

    public BodyFields? Object(string name)
    {
        if (values[name] is not { } node)
            return null;
        if (node is JsonObject inner)
            return new BodyFields(inner, $"{path}{name}.", faults);
        Fault(name, "an object");
        return null;
    }

    /// <summary>Given, whatever it is; null is not given.</summary>
    public bool Has(string name) => values[name] is not null;

    /// <summary>A whole number within its bounds; 1.0 and 1e3 are none.</summary>
    public int? Integer(string name, int least = int.MinValue, int most = int.MaxValue) => (int?)Long(name, least, most);

    /// <summary>As <see cref="Integer"/>, for seconds since 1970 and sizes.</summary>
    public long? Long(string name, long least = long.MinValue, long most = long.MaxValue)
    {
        if (values[name] is not { } node)
            return null;
        if (node.GetValueKind() is JsonValueKind.Number && node.AsValue().TryGetValue(out long number) && number >= least && number <= most)
            return number;
        Fault(name, string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"));
        return null;
    }

    public double? Number(string name, double least = double.MinValue, double most = double.MaxValue)
    {
        if (values[name] is not { } node)
            return null;
        if (node.GetValueKind() is JsonValueKind.Number && node.AsValue().TryGetValue(out double number) && number >= least && number <= most)
            return number;
        Fault(name, least > double.MinValue || most < double.MaxValue ? string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}") : "a number");
        return null;
    }

    /// <summary>A list of strings, in its order; null when it is not given. Every item that is none is a fault of its own: <c>roles[1]</c>.</summary>
    public ImmutableArray<string>? Texts(string name, int most = MostItems)
        => Items(name, most, (item, at) => item?.GetValueKind() is JsonValueKind.String ? item.GetValue<string>() : FaultyText(at));

    /// <summary>A list of objects, in its order, each read by <paramref name="parse"/>; null when it is not given. Faults name the item: <c>notifications[0].delayMin</c>.</summary>
    public ImmutableArray<T>? Objects<T>(string name, Func<BodyFields, T> parse, int most = MostItems)
        where T : class
        => Items(name, most, (item, at) =>
        {
            if (item is JsonObject inner)
                return parse(new BodyFields(inner, $"{path}{at}.", faults));
            Fault(at, "an object");
            return null;
        });

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

    private string? FaultyText(string at)
    {
        Fault(at, "a string");
        return null;
    }

    private ImmutableArray<T>? Items<T>(string name, int most, Func<JsonNode?, string, T?> read)
        where T : class
    {
        if (values[name] is not { } node)
            return null;
        if (node is not JsonArray list || list.Count > most)
        {
            Fault(name, $"a list of at most {most} items");
            return null;
        }
        var items = ImmutableArray.CreateBuilder<T>(list.Count);
        for (var i = 0; i < list.Count; i++)
        {
            if (read(list[i], $"{name}[{i}]") is { } item)
                items.Add(item);
        }
        return items.ToImmutable();
    }

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
