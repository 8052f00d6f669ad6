using System.Text.Json.Nodes;

namespace Ear.Functions.Tests.Worker;

/// <summary>local.settings.sample.json, with the names that configuration gives its settings.</summary>
internal static class SampleSettings
{
    public static IReadOnlyDictionary<string, string?> Read()
        => JsonNode.Parse(System.IO.File.ReadAllText(File("local.settings.sample.json")))!["Values"]!.AsObject()
            .ToDictionary(v => v.Key.Replace("__", ":", StringComparison.Ordinal), v => (string?)v.Value!.GetValue<string>(), StringComparer.Ordinal);

    /// <summary>Of the repository's top level.</summary>
    public static string File(string name)
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!System.IO.File.Exists(Path.Combine(at.FullName, "local.settings.sample.json")))
            at = at.Parent ?? throw new InvalidOperationException("local.settings.sample.json is not above this test program.");
        return Path.Combine(at.FullName, name);
    }
}
