using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Ear.Functions.ApiDocument;

/// <summary>The document as one page: operations by tag, each folded; schemas once, at the end, where references lead. No script, nothing from elsewhere.</summary>
internal sealed class ReferencePage
{
    private readonly StringBuilder html = new();
    private readonly JsonObject document;

    private ReferencePage(JsonObject document) => this.document = document;

    public static string Of(JsonObject document) => new ReferencePage(document).Write();

    private string Write()
    {
        var title = Text(document["info"]?["title"]);
        html.Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
            .Append(title).Append("</title>\n<style>\n").Append(EmbeddedText.Of(typeof(ReferencePage).Assembly, "api-document/reference.css")).Append("</style>\n</head>\n<body>\n<h1>")
            .Append(title).Append("</h1>\n<p>").Append(Text(document["info"]?["description"])).Append("</p>\n<p><a href=\"openapi.json\">The same as an OpenAPI document</a></p>\n<main>\n");
        var operations = Operations();
        Contents(operations);
        foreach (var tag in (JsonArray)document["tags"]!)
            Tag((JsonObject)tag!, operations);
        Schemas();
        return html.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private List<Entry> Operations()
        => [.. ((JsonObject)document["paths"]!).SelectMany(p => ((JsonObject)p.Value!).Where(o => o.Key != OperationBuilder.RuleException).Select(o => new Entry(p.Key, o.Key, (JsonObject)o.Value!)))];

    private void Contents(List<Entry> operations)
    {
        html.Append("<nav aria-label=\"Contents\">\n<ul>\n");
        foreach (var name in ((JsonArray)document["tags"]!).Select(t => t!["name"]!.GetValue<string>()))
            html.Append("<li><a href=\"#").Append(Anchor(name)).Append("\">").Append(Text(name)).Append("</a> (").Append(operations.Count(o => o.Tag == name)).Append(")</li>\n");
        html.Append("<li><a href=\"#schemas\">Schemas</a></li>\n</ul>\n</nav>\n");
    }

    private void Tag(JsonObject tag, List<Entry> operations)
    {
        var name = tag["name"]!.GetValue<string>();
        html.Append("<section>\n<h2 id=\"").Append(Anchor(name)).Append("\">").Append(Text(name)).Append("</h2>\n<p>").Append(Text(tag["description"])).Append("</p>\n");
        foreach (var operation in operations.Where(o => o.Tag == name))
            Operation(operation);
        html.Append("</section>\n");
    }

    private void Operation(Entry entry)
    {
        var (path, method, operation) = entry;
        html.Append("<details id=\"").Append(Anchor(operation["operationId"]!.GetValue<string>())).Append("\">\n<summary><span class=\"method\">").Append(Text(method))
            .Append("</span> <code>").Append(Text(path)).Append("</code> ").Append(Text(operation["summary"]))
            .Append(operation["deprecated"] is null ? "" : " <strong>(deprecated)</strong>").Append("</summary>\n<p>").Append(Text(operation["description"]))
            .Append("</p>\n<p class=\"note\">Operation <code>").Append(Text(operation["operationId"])).Append("</code>. ")
            .Append(operation["x-rolesRequirements"] is JsonArray roles ? $"Role: {Text(string.Join(", ", roles))}." : "No role needed.").Append("</p>\n");
        Parameters((JsonArray)operation["parameters"]!);
        if (operation["requestBody"]?["content"] is JsonObject body)
            Content("Request body", body);
        foreach (var (status, response) in (JsonObject)operation["responses"]!)
        {
            var resolved = (JsonObject)Resolved(response!);
            if (status[0] is '2')
                Content($"Answer {status}: {resolved["description"]}", resolved["content"] as JsonObject ?? []);
        }
        html.Append("<p>Refused with: ").AppendJoin(", ", ((JsonObject)operation["responses"]!).Select(r => r.Key).Where(s => s[0] is '4' or '5')).Append(" (<a href=\"#")
            .Append(Anchor("schema-ApiError")).Append("\">ApiError</a>).</p>\n</details>\n");
    }

    private void Parameters(JsonArray parameters)
    {
        if (parameters.Count == 0)
            return;
        html.Append("<table>\n<tr><th>Parameter</th><th>In</th><th>Type</th><th>What it is</th></tr>\n");
        foreach (var parameter in parameters.Select(p => (JsonObject)Resolved(p!)))
        {
            Row(parameter["name"]!.GetValue<string>() + (parameter["required"] is null ? "" : " *"), Text(parameter["in"]), SchemaWords.Of(parameter["schema"]), Text(parameter["description"]));
        }
        html.Append("</table>\n");
    }

    private void Content(string heading, JsonObject content)
    {
        html.Append("<p>").Append(Text(heading)).Append("</p>\n<ul>\n");
        foreach (var (type, media) in content)
        {
            html.Append("<li><code>").Append(Text(type)).Append("</code> ").Append(media?["schema"] is { } schema ? SchemaWords.Of(schema) : "no body")
                .Append(media?["x-deprecated"] is null ? "" : " <strong>(deprecated)</strong>")
                .Append(media?["x-sunset"] is { } sunset ? $" served until {Text(sunset)}" : "").Append("</li>\n");
        }
        html.Append("</ul>\n");
    }

    private void Schemas()
    {
        html.Append("<section>\n<h2 id=\"schemas\">Schemas</h2>\n");
        foreach (var (name, schema) in (JsonObject)document["components"]!["schemas"]!)
        {
            html.Append("<details id=\"").Append(Anchor("schema-" + name)).Append("\">\n<summary><code>").Append(Text(name)).Append("</code> ").Append(Text(schema?["description"])).Append("</summary>\n");
            if (schema?["properties"] is JsonObject properties)
                Properties(properties, schema["required"] as JsonArray ?? []);
            else
                html.Append("<p>").Append(SchemaWords.Of(schema)).Append("</p>\n");
            html.Append("</details>\n");
        }
        html.Append("</section>\n");
    }

    private void Properties(JsonObject properties, JsonArray required)
    {
        html.Append("<table>\n<tr><th>Field</th><th></th><th>Type</th><th>What it is</th></tr>\n");
        foreach (var (name, property) in properties)
        {
            var marks = new[] { (required.Any(r => r!.GetValue<string>() == name), "always"), (property?["readOnly"] is not null, "only read"), (property?["writeOnly"] is not null, "only written") };
            Row(name, string.Join(", ", marks.Where(m => m.Item1).Select(m => m.Item2)), SchemaWords.Of(property), Text(property?["description"]));
        }
        html.Append("</table>\n");
    }

    private void Row(string name, string where, string type, string what)
        => html.Append("<tr><td><code>").Append(Text(name)).Append("</code></td><td>").Append(where).Append("</td><td>").Append(type).Append("</td><td>").Append(what).Append("</td></tr>\n");

    /// <summary>What a local reference leads to, or the node itself.</summary>
    private JsonNode Resolved(JsonNode node)
        => node["$ref"] is { } reference ? reference.GetValue<string>().TrimStart('#', '/').Split('/').Aggregate((JsonNode)document, (at, step) => at[step]!) : node;

    internal static string Anchor(string name) => WebUtility.HtmlEncode(name.Replace(' ', '-'));

    private static string Text(JsonNode? words) => WebUtility.HtmlEncode(words?.ToString() ?? "");

    private static string Text(string words) => WebUtility.HtmlEncode(words);

    private sealed record Entry(string Path, string Method, JsonObject Operation)
    {
        public string Tag => Operation["tags"]![0]!.GetValue<string>();
    }
}
