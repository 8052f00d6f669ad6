using System.Text.Json;
using System.Text.Json.Nodes;
using Ear.Outcomes;

namespace Ear.Clusters.Specs;

/// <summary>
/// Checks the types of a JSON value against an example of it: <c>""</c> a string, <c>true</c> a flag, <c>0</c> a whole number from
/// 0, <c>-1</c> any whole number, <c>0.5</c> a number from 0, <c>[x]</c> a list of such, <c>{}</c> an object with the fields named,
/// <c>{"*": x}</c> an object with any fields of one form. Null is as good as absent; what the example does not name is ignored.
/// </summary>
public sealed class JsonForm(JsonNode example)
{
    public static JsonForm Parse(string json) => new(JsonNode.Parse(json)!);

    /// <summary>Adds every wrong type, so that a person mends a body once.</summary>
    public void Check(string path, JsonNode? sent, ICollection<FieldFault> faults)
    {
        if (sent is not null)
            Check(path, sent, example, faults);
    }

    private static void Check(string path, JsonNode sent, JsonNode like, ICollection<FieldFault> faults)
    {
        if (!IsLike(sent, like))
            faults.Add(new FieldFault(path, $"Must be {Words(like)}."));
        else if (like is JsonObject fields)
            CheckFields(path.Length == 0 ? "" : $"{path}.", sent.AsObject(), fields, faults);
        else if (like is JsonArray { Count: 1 } list)
            CheckItems(path, sent.AsArray(), list[0]!, faults);
    }

    private static void CheckFields(string prefix, JsonObject sent, JsonObject like, ICollection<FieldFault> faults)
    {
        foreach (var (name, value) in sent)
        {
            if (value is not null && (like[name] ?? like["*"]) is { } form)
                Check(prefix + name, value, form, faults);
        }
    }

    private static void CheckItems(string path, JsonArray sent, JsonNode like, ICollection<FieldFault> faults)
    {
        for (var i = 0; i < sent.Count; i++)
        {
            if (sent[i] is { } item)
                Check($"{path}[{i}]", item, like, faults);
            else
                faults.Add(new FieldFault($"{path}[{i}]", $"Must be {Words(like)}."));
        }
    }

    private static bool IsLike(JsonNode sent, JsonNode like) => like.GetValueKind() switch
    {
        JsonValueKind.True or JsonValueKind.False => sent.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        JsonValueKind.Number when sent.GetValueKind() is not JsonValueKind.Number => false,
        JsonValueKind.Number when IsWhole(like) => IsWhole(sent) && (Number(like) < 0 || Number(sent) >= 0),
        JsonValueKind.Number => Number(sent) >= 0,
        var kind => sent.GetValueKind() == kind,
    };

    private static bool IsWhole(JsonNode number) => Number(number) is var value && Math.Floor(value) == value && Math.Abs(value) <= int.MaxValue;

    private static double Number(JsonNode number) => number.Deserialize<double>();

    private static string Words(JsonNode like) => like.GetValueKind() switch
    {
        JsonValueKind.True or JsonValueKind.False => "true or false",
        JsonValueKind.String => "a string",
        JsonValueKind.Number when IsWhole(like) => Number(like) < 0 ? "a whole number" : "a whole number from 0",
        JsonValueKind.Number => "a number from 0",
        JsonValueKind.Array => like.AsArray().FirstOrDefault() is JsonObject ? "a list of objects" : "a list",
        _ => "an object",
    };
}
