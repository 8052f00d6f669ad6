using System.IO.Enumeration;
using System.Text.Json;

namespace Ear.Local.Kms.Aws.Iam;

internal sealed record Statement(bool Allow, IReadOnlyList<string> Actions, IReadOnlyList<string> Resources, IReadOnlyList<string> Principals, string? ExternalId)
{
    public bool Covers(string action, string resource) => Any(Actions, action, ignoreCase: true) && Any(Resources, resource, ignoreCase: false);

    private static bool Any(IReadOnlyList<string> patterns, string value, bool ignoreCase) =>
        patterns.Any(p => FileSystemName.MatchesSimpleExpression(p.Replace("\\", "\\\\"), value, ignoreCase));
}

/// <summary>
/// The part of IAM's policy language that deciding about a key needs: Effect, Action, Resource, Principal.AWS, and the condition
/// <c>StringEquals sts:ExternalId</c>. Anything else is refused when the policy is written, so that no condition is silently ignored.
/// </summary>
internal sealed record Policy(IReadOnlyList<Statement> Statements)
{
    public bool Allows(string action, string resource) => Statements.Any(s => s.Allow && s.Covers(action, resource));

    public bool Denies(string action, string resource) => Statements.Any(s => !s.Allow && s.Covers(action, resource));

    public static Policy Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var statements = document.RootElement.GetProperty("Statement");
            return new Policy(Many(statements).Select(ParseStatement).ToList());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw Malformed($"The policy cannot be read: {e.Message}");
        }
    }

    private static Statement ParseStatement(JsonElement statement)
    {
        foreach (var member in statement.EnumerateObject())
        {
            if (member.Name is not ("Sid" or "Effect" or "Action" or "Resource" or "Principal" or "Condition"))
                throw Malformed($"The local IAM does not know the policy element {member.Name}.");
        }
        var effect = statement.GetProperty("Effect").GetString();
        if (effect is not ("Allow" or "Deny"))
            throw Malformed($"Invalid effect: {effect}");
        var principal = statement.TryGetProperty("Principal", out var p) ? p : default;
        return new Statement(
            effect == "Allow",
            Texts(statement, "Action"),
            Texts(statement, "Resource"),
            principal.ValueKind == JsonValueKind.String ? [principal.GetString()!] : Texts(principal, "AWS"),
            statement.TryGetProperty("Condition", out var condition) ? ExternalIdOf(condition) : null);
    }

    private static string? ExternalIdOf(JsonElement condition)
    {
        string? externalId = null;
        foreach (var test in condition.EnumerateObject())
        {
            foreach (var key in test.Value.EnumerateObject())
            {
                if (test.Name != "StringEquals" || key.Name != "sts:ExternalId")
                    throw Malformed($"The local IAM knows only the condition StringEquals sts:ExternalId, not {test.Name} {key.Name}.");
                externalId = key.Value.ValueKind == JsonValueKind.String
                    ? key.Value.GetString()
                    : throw Malformed("The local IAM takes one sts:ExternalId, as a string.");
            }
        }
        return externalId;
    }

    private static List<string> Texts(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value)
            ? Many(value).Select(v => v.GetString() ?? throw Malformed($"{name} must be text.")).ToList()
            : [];

    private static IEnumerable<JsonElement> Many(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value];

    private static AwsRefusal Malformed(string message) => new("MalformedPolicyDocument", message);
}
