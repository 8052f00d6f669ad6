using System.Globalization;

namespace Ear.Local.Kms.Aws;

/// <summary>Parameters of AWS's query protocol (STS, IAM), with AWS's complaints about them.</summary>
internal sealed class QueryParameters(IReadOnlyDictionary<string, string> values)
{
    public string? Text(string name) => values.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    public string Required(string name) => Text(name) ?? throw Invalid(char.ToLowerInvariant(name[0]) + name[1..], "Member must not be null");

    public int? Number(string name, int least, int most)
    {
        if (Text(name) is not { } text)
            return null;
        if (!int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number))
            throw new AwsRefusal("MalformedInput", $"{name} must be a number.");
        var member = char.ToLowerInvariant(name[0]) + name[1..];
        return number < least ? throw Invalid(member, $"Member must have value greater than or equal to {least}")
            : number > most ? throw Invalid(member, $"Member must have value less than or equal to {most}")
            : number;
    }

    public static AwsRefusal Invalid(string member, string constraint) =>
        new("ValidationError", $"1 validation error detected: Value at '{member}' failed to satisfy constraint: {constraint}");

    public static QueryParameters Parse(string form)
    {
        var values = new Dictionary<string, string>();
        foreach (var pair in form.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            values[Decode(parts[0])] = parts.Length == 2 ? Decode(parts[1]) : "";
        }
        return new QueryParameters(values);

        static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
    }
}
