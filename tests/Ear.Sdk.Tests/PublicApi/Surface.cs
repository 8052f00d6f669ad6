namespace Ear.Sdk.Tests.PublicApi;

/// <summary>The public API of the official packages, as a list of lines.</summary>
internal sealed class Surface(IEnumerable<string> lines)
{
    private readonly HashSet<string> _lines = [.. lines.Select(l => l.Trim()).Where(l => l.Length > 0 && !l.StartsWith('#'))];

    /// <summary>Null where the facts are not at hand: they live beside the repository, not in it.</summary>
    public static Surface? Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "Ear.Functions.sln")))
            {
                var file = Path.Combine(at.FullName, "..", "shared", "spec", "package-surface.txt");
                return File.Exists(file) ? new Surface(File.ReadLines(file)) : null;
            }

        return null;
    }

    /// <summary>Members that the official packages lack, or have with another signature.</summary>
    public IReadOnlyList<string> Missing(IEnumerable<string> members) => [.. members.Where(m => !_lines.Contains(m))];
}
