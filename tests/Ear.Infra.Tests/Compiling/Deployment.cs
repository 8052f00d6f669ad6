using System.Text.Json.Nodes;

namespace Ear.Infra.Tests.Compiling;

/// <summary>What main.bicep would deploy with some parameters, as the compiler foresees it: every resource, with its names and properties evaluated.</summary>
internal sealed class Deployment
{
    private const string Subscription = "00000000-0000-0000-0000-00000000abcd";
    private readonly JsonNode snapshot;

    private Deployment(JsonNode snapshot) => this.snapshot = snapshot;

    public IEnumerable<Resource> Resources => snapshot["predictedResources"]!.AsArray().Select(r => new Resource(r!));

    public JsonObject Outputs => snapshot["outputs"]!.AsObject();

    public IReadOnlyList<Resource> Of(string type) => [.. Resources.Where(r => r.Type == type)];

    /// <summary>The app's settings; what only a deployment knows is in brackets.</summary>
    public Dictionary<string, string> Settings => Of("Microsoft.Web/sites").Single().At("siteConfig", "appSettings")!.AsArray()
        .ToDictionary(s => s!["name"]!.GetValue<string>(), s => s!["value"]!.GetValue<string>(), StringComparer.Ordinal);

    /// <param name="parameters">As in a .bicepparam file.</param>
    public static async Task<Deployment> ForeseeAsync(string parameters)
    {
        Bicep.Needed();
        var folder = Directory.CreateTempSubdirectory("ear-infra-").FullName;
        try
        {
            var file = Path.Combine(folder, "main.bicepparam");
            var template = Path.GetRelativePath(folder, Path.Combine(Repository.Infra, "main.bicep")).Replace('\\', '/');
            await File.WriteAllTextAsync(file, $"using '{template}'\n{parameters}\n");
            await Bicep.RunAsync("snapshot", file, "--mode", "overwrite", "--subscription-id", Subscription,
                "--tenant-id", "00000000-0000-0000-0000-00000000dddd", "--location", "northeurope", "--deployment-name", "test");
            var snapshot = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "main.snapshot.json")))!;
            Assert.Empty(snapshot["diagnostics"]!.AsArray());
            return new(snapshot);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

internal sealed record Resource(JsonNode Json)
{
    public string Type => Json["type"]!.GetValue<string>();

    public string Name => Json["name"]!.GetValue<string>();

    public string Id => Json["id"]!.GetValue<string>();

    /// <summary>A property, by its path under <c>properties</c>; null where it is not set.</summary>
    public JsonNode? At(params ReadOnlySpan<string> path)
    {
        var node = Json["properties"];
        foreach (var step in path)
            node = node?[step];
        return node;
    }

    public string? Text(params ReadOnlySpan<string> path) => At(path)?.ToString();
}
