using System.Text.Json.Nodes;
using Ear.Functions.Tests.ApiDocument;

namespace Ear.Functions.Tests.Fuzz;

/// <summary>What exists in a project, as its answers said: the values of the path parameter below each collection's path.</summary>
internal sealed class Known(string project, string name, string org)
{
    private static readonly Dictionary<string, string[]> Parameters = OpenApi.Own.Operations.Select(o => o.Path).SelectMany(Prefixes).Distinct()
        .GroupBy(p => p.Collection).ToDictionary(g => g.Key, g => g.Select(p => p.Parameter).ToArray());

    private readonly Dictionary<string, List<string>> values = new(StringComparer.Ordinal);

    public string Project => project;

    public string Org => org;

    public Known Copy()
    {
        var copy = new Known(project, name, org);
        foreach (var (collection, found) in values)
            copy.values[collection] = [.. found];
        return copy;
    }

    public IEnumerable<string> All => values.Values.SelectMany(v => v).Append(project).Append(org).Distinct();

    public string? Any(Dice dice) => All.Where(v => v.Length == 24).ToList() is { Count: > 0 } ids ? dice.Of(ids) : null;

    public string? Of(Dice dice, string collection) => collection switch
    {
        "/api/atlas/v2/groups" => project,
        "/api/atlas/v2/groups/byName" => name,
        "/api/atlas/v2/orgs" => org,
        _ => values.TryGetValue(collection, out var found) && found.Count > 0 ? dice.Of(found) : null,
    };

    /// <summary>Reads an answer of the operation at this path.</summary>
    public void Learn(string template, JsonNode? body)
    {
        var collection = template.EndsWith('}') ? template[..template.LastIndexOf('/')] : template;
        if (!Parameters.TryGetValue(collection, out var parameters))
            return;
        var lists = body is JsonObject o ? o.Select(p => p.Value).OfType<JsonArray>() : body is JsonArray a ? [a] : [];
        foreach (var item in lists.SelectMany(l => l).Append(body).OfType<JsonObject>())
        {
            foreach (var field in parameters.Concat(["id", "name"]))
            {
                if (item[field] is not JsonValue value || value.GetValueKind() is not System.Text.Json.JsonValueKind.String || value.ToString() is not { Length: > 0 } text || text.Length > 300)
                    continue;
                var found = values.TryGetValue(collection, out var list) ? list : values[collection] = [];
                if (!found.Contains(text) && (field != "id" || !parameters[0].EndsWith("Name", StringComparison.Ordinal)))
                    found.Add(text);
                if (parameters.Contains(field))
                    break;
            }
        }
    }

    private static IEnumerable<(string Collection, string Parameter)> Prefixes(string path)
    {
        for (var at = path.IndexOf("/{", StringComparison.Ordinal); at >= 0; at = path.IndexOf("/{", at + 1, StringComparison.Ordinal))
            yield return (path[..at], path[(at + 2)..path.IndexOf('}', at)]);
    }
}
