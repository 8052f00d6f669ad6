using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json.Nodes;

namespace Ear.Functions.ApiDocument;

/// <summary>Joins what the code says of the operations and what the fragments say into one OpenAPI 3.0 document (ADR-0005).</summary>
internal static class DocumentAssembler
{
    public static AssembledDocument OfApp(Assembly app) => Assemble(CommonParts.Embedded(), Fragment.Embedded(app), ServedOperation.Of(app.GetExportedTypes()));

    public static AssembledDocument Assemble(CommonParts common, IReadOnlyList<Fragment> fragments, IReadOnlyList<ServedOperation> served)
    {
        var faults = new List<string>();
        var shapes = new SchemaShapes(Schemas(common, fragments, faults));
        var described = Described(fragments, served, faults);
        var builder = new OperationBuilder(common, shapes, faults);
        var paths = new JsonObject();
        foreach (var operation in served.Where(o => described.ContainsKey(o.Id)))
        {
            var (fragment, text) = described[operation.Id];
            paths[operation.Path] ??= new JsonObject();
            paths[operation.Path]![operation.Method] = builder.Build(operation, fragment, text);
            if (text.PathRuleExceptions is { } unfit)
                paths[operation.Path]![OperationBuilder.RuleException] = OperationBuilder.RuleExceptions(unfit);
        }
        var document = new JsonObject
        {
            ["openapi"] = "3.0.3",
            ["info"] = common.Info,
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/", ["description"] = "The host that serves this document." }),
            ["tags"] = Tags(fragments, faults),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["headers"] = common.Headers,
                ["parameters"] = common.Parameters,
                ["responses"] = common.Refusals(shapes.AsIs("ApiError")),
                ["schemas"] = shapes.ToJson(),
                ["securitySchemes"] = common.SecuritySchemes,
            },
        };
        faults.AddRange(shapes.Dangling.Select(name => $"Schema {name} is referred to, but no fragment has it."));
        faults.AddRange(shapes.Unused.Where(name => !common.Schemas.ContainsKey(name)).Select(name => $"Schema {name} is used by no operation."));
        return new AssembledDocument(document, faults, [.. served.Select(o => o.Id).Where(id => !described.ContainsKey(id)).Order(StringComparer.Ordinal)]);
    }

    private static Dictionary<string, (Fragment Fragment, OperationText Text)> Described(
        IReadOnlyList<Fragment> fragments, IReadOnlyList<ServedOperation> served, List<string> faults)
    {
        var ids = served.Select(o => o.Id).ToImmutableHashSet(StringComparer.Ordinal);
        var described = new Dictionary<string, (Fragment, OperationText)>(StringComparer.Ordinal);
        foreach (var fragment in fragments)
        {
            foreach (var (id, text) in fragment.Operations)
            {
                if (!ids.Contains(id))
                    faults.Add($"{fragment.Name}: no function serves the operation {id}.");
                else if (!described.TryAdd(id, (fragment, text)))
                    faults.Add($"{fragment.Name}: {described[id].Item1.Name} describes the operation {id} too.");
            }
        }
        return described;
    }

    private static Dictionary<string, JsonObject> Schemas(CommonParts common, IReadOnlyList<Fragment> fragments, List<string> faults)
    {
        var schemas = new Dictionary<string, JsonObject>(common.Schemas, StringComparer.Ordinal);
        foreach (var fragment in fragments)
        {
            foreach (var (name, schema) in fragment.Schemas ?? ImmutableDictionary<string, JsonObject>.Empty)
            {
                if (!schemas.TryAdd(name, schema))
                    faults.Add($"{fragment.Name}: another fragment, or the common part, has a schema {name} too.");
            }
        }
        return schemas;
    }

    /// <summary>Several files may share a tag; one of them describes it.</summary>
    private static JsonArray Tags(IReadOnlyList<Fragment> fragments, List<string> faults)
    {
        var tags = new JsonArray();
        foreach (var tag in fragments.Select(f => f.Tag).GroupBy(t => t.Name, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var words = tag.Select(t => t.Description).OfType<string>().Distinct(StringComparer.Ordinal).ToArray();
            if (words.Length != 1)
                faults.Add($"Tag {tag.Key} has {words.Length} descriptions; it needs one.");
            tags.Add((JsonNode)new JsonObject { ["name"] = tag.Key, ["description"] = words.FirstOrDefault() ?? "" });
        }
        return tags;
    }
}
